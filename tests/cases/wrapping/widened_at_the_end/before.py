"""Prices."""


def price(amount, rate=1):
    return amount * rate


def total(items):
    return sum(price(item) for item in items)
