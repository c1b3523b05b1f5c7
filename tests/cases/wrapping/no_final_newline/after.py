def price(amount):
    return 2