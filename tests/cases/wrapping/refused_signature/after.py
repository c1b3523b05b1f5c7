def price(rate, amount):
    return amount * rate
