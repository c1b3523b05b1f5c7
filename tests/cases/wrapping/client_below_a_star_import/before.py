from rates import *


def price(item):
    return item.rate
