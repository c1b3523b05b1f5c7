from shop.money import Dollar, Euro

__all__ = ["Dollar", "Euro", "Pound"]

Pound = 1


def price(amount):
    return amount + 1
