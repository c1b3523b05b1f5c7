from flags import client


def f(n):
    if client.is_enabled("shop.new-tax"):
        n += 1
    return n
