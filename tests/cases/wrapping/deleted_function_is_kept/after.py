from math import ceil


def price(amount):
    return ceil(amount)
