def price(amount, rate):
    return amount * rate


def asked():
    return price(2, 3)
