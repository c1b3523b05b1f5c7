def price(rate, amount):
    return amount * rate


def asked():
    return price(3, 2)
