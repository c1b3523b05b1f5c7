def price(amount):
    return amount


register(price)
