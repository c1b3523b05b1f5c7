from flags import client


def f(n):
    return n and client.is_enabled("shop.new-tax")


def g(n):
    return n or client.is_enabled("shop.new-tax")


def h(n, m):
    if (n and client.is_enabled("shop.new-tax")) or m:
        return -(client.is_enabled("shop.new-tax") and n + m)
    return not (n or not client.is_enabled("shop.new-tax"))
