from shop.rates import Table

__all__ = ["Table", "price"]


def price(item):
    return Table(item)
