from shop.money import Euro

__all__ = ["Euro", "Pound"]

Pound = 1


def price(amount):
    return amount
