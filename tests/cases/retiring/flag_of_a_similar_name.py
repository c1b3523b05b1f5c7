from flags import client


def f():
    if client.is_enabled("shop.new-tax-2"):
        return 1
    return 2


def g():
    if client.is_enabled("shop.new-tax"):
        return 1
    return 2
