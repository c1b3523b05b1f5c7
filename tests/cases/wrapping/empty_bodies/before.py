class Basket:
    pass


def price(amount):
    pass
