def sign(n):
    if n < 0: return -1
    a = 1; b = 2
    return a + b
