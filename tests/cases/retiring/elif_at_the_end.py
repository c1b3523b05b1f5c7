from flags import client


def f(n):
    if n:
        return 1
    elif not client.is_enabled("shop.new-tax"):
        return 2
    else:
        return 3
