from shop.rates import Table

RATES = Table()


def price(item):
    return RATES[item]
