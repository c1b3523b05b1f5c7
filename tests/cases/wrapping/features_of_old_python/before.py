"""Prices."""
from __future__ import absolute_import, division

import json
from math import ceil


def price(item):
    return json.dumps(ceil(item))
