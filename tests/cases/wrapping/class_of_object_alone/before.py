"""Boxes of a shop."""


class Box(object):
    """Holds things."""

    size = 1

    def price(self, amount):
        return amount


class Crate(Box):
    def price(self, amount):
        return super(Crate, self).price(amount) + 1
