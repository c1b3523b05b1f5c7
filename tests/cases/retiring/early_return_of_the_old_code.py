from flags import client


def f(n):
    if not client.is_enabled("shop.new-tax"):
        return n
    total = new(n)
    return total
