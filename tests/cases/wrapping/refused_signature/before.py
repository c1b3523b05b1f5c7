def price(amount):
    return amount


def asked():
    return price(2)
