"""Prices."""

LIMIT = 10


def price(amount, limit=LIMIT, **more):
    return convert(min(amount, limit), **more)


class Basket:
    """Things to buy."""

    def __init__(self, things, tax=1, **more):
        """Take the things."""
        self.things = things
        self.tax = tax
        super().__init__(**more)

    def clear(self, force):
        self.things = [] if force else self.things
