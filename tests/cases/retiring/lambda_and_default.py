from flags import client


def f(n, key=lambda x: x):
    return sorted(n, key=lambda x: -x if client.is_enabled("shop.new-tax") else x)
