from flags import client


def f(n):
    return (n * 2) if client.is_enabled("shop.new-tax") else (n)
