def price(amount, rate=1):
    return amount * rate
