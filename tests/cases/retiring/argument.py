from flags import client


def f(n):
    return g(n, client.is_enabled("shop.new-tax"), new=client.is_enabled("shop.new-tax"))
