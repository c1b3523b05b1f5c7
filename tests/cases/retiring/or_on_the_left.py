from flags import client


def f(n):
    if client.is_enabled("shop.new-tax") or ask(n):
        return 1
    return 2
