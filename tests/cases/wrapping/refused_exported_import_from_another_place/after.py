from shop.tables import Table

__all__ = ["Table", "price"]


def price(item):
    return Table(item)
