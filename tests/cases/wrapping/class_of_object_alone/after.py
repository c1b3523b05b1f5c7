"""Boxes of a shop."""


class Box:
    """Holds things."""

    size = 1

    def price(self, amount):
        return round(amount, 2)


class Crate(Box):
    def price(self, amount):
        return super().price(amount) + 1
