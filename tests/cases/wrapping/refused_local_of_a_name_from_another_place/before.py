from shop.rates import Table


def price(item):
    return Table(item)


def seat(Table):
    return Table.seats
