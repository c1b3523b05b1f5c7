from flags import client


def f(n):
    # above
    if client.is_enabled("shop.new-tax"):
        # new
        return n * 2  # twice
    else:
        # old
        return n
