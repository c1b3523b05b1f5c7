from flags import client


def f(n):
    return g(n, rate=NEW if client.is_enabled("shop.new-tax") else OLD)
