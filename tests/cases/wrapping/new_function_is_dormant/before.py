import math


def price(amount):
    return math.floor(amount)
