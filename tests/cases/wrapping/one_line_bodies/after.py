def sign(n):
    if n < 0: return -2
    a = 1; b = 3
    return a + b
