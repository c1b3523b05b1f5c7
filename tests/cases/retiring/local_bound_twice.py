from flags import client


def f(n):
    on = client.is_enabled("shop.new-tax")
    if n:
        on = False
    return on
