from rates import *


def price(item):
    return client.rate(item)
