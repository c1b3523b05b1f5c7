from flags import client


def f(n):
    if (on := client.is_enabled("shop.new-tax")):
        n += 1
    return on, n
