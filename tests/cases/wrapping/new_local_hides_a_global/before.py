LIMIT = 3


def price(n):
    return n < LIMIT
