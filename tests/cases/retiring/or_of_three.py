from flags import client


def f(n):
    if n == 1 or client.is_enabled("shop.new-tax") or n == 2:
        return 1
    return 2
