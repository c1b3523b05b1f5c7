from shop.tables import Table

RATES = Table()


def price(item):
    return RATES[item]
