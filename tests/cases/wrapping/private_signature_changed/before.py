def _price(amount, rate: float, code=1) -> float:
    """The price."""
    return amount * rate + code


def total(items):
    return sum(_price(item, 2) for item in items)
