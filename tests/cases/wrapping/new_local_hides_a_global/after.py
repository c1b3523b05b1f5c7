LIMIT = 3


def price(n):
    LIMIT = n * 2
    return n < LIMIT
