from flags import client


def f(n):
    if client.is_enabled("shop.new-tax") and n > 3:
        return 1
    return 2
