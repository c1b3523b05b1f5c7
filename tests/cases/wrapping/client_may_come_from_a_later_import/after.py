from flags import client

RATE = 2
from overrides import *


def price(item):
    return item.rate * 2
