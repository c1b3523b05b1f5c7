"""Prices."""


def price(amount, rate=1, discount=0):
    return amount * rate - discount


def total(items):
    return sum(price(item, discount=1) for item in items)
