from flags import client


def f(n):
    if client.is_enabled("shop.new-tax"): return 1
    else: return 2
