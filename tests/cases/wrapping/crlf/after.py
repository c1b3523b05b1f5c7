def price(amount):
    # cost
    return amount * 2
