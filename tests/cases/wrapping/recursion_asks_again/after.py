DEPTH = 3


def walk(n):
    DEPTH = n
    return n - DEPTH if n < 1 else walk(n - 1)
