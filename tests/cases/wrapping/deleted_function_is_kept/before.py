import json
from math import ceil, floor

SCALE = 3


def half(amount):
    return floor(amount / 2)


def price(amount):
    return json.dumps(ceil(half(amount) * SCALE))
