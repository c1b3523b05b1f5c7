def price(amount):
    return 1