import typing as t

from shop.boxes import Box


class Crate(Box):
    def price(self, amount):
        return round(amount, 2)

    def size(self):
        return 1
