def price(amount):
    total = amount * 2
    return total
