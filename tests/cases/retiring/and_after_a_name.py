from flags import client


def f(n):
    if n and client.is_enabled("shop.new-tax"):
        return 1
    return 2
