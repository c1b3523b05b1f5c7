from __future__ import annotations

from shop import baskets


def total(basket):
    return baskets.sum(basket)
