RATE = 2


def price(amount):
    return amount * RATE
