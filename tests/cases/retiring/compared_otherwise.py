from flags import client


def f(n):
    if client.is_enabled("shop.new-tax") is not True:
        return 1
    if client.is_enabled("shop.new-tax") != False:
        return 2
    return n if client.is_enabled("shop.new-tax") == n else 3
