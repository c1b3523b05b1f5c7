from flags import client


def f(n):
    on = client.is_enabled("shop.new-tax")
    if on:
        n += 1
    for i in range(n):
        n += 2 if on else 1
    return n
