def price(amount):
    return amount * 3
