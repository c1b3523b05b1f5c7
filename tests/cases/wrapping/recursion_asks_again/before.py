DEPTH = 3


def walk(n):
    return n + DEPTH if n < 1 else walk(n - 1)
