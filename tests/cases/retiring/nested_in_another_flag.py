from flags import client


def f(n):
    if client.is_enabled("shop.other"):
        if client.is_enabled("shop.new-tax"):
            n += 1
        else:
            n += 2
    return n
