def _price(item, *, code=2) -> int:
    """The price of an item."""
    return item + code


def total(items):
    return sum(_price(item, code=3) for item in items)
