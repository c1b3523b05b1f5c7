from shop.tables import Table


def price(item):
    return item.price
