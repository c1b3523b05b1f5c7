import json
import math

RATES = {"a": 1, "b": 2}


def rate(kind, *, default=0):
    return RATES.get(kind, default)


class Taxed(Exception):
    """A tax."""

    code = "taxed"

    def __init__(self, amount):
        self.amount = amount


def price(amount):
    return json.dumps(math.floor(amount) * rate("a"))
