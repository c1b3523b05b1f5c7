from flags import client


def f(n):
    if client.is_enabled("shop.new-tax"):
        return n
    total = old(n)
    # gone with it
    return total
