"""Prices."""
import json
from math import floor


def price(item):
    return json.dumps(floor(item))
