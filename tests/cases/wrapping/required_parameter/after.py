def price(amount, rate):
    return amount * rate
