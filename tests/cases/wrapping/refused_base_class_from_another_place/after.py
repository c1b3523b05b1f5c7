from shop.tables import Table


class Rates(Table):
    pass


def price(item):
    return Table(item)
