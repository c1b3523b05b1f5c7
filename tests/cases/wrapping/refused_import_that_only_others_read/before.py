from shop.rates import Table


def price(item):
    return item.price
