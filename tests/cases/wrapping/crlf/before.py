def price(amount):
    # cost
    return amount
