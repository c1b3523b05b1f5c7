from flags import client


def f(n):
    if client.is_enabled("shop.new-tax") is True:
        return 1
    if client.is_enabled("shop.new-tax") == False:
        return 2
    return 3
