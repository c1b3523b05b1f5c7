import os


def price(amount: int) -> int:
    """What it costs."""
    # no effect
    return amount
