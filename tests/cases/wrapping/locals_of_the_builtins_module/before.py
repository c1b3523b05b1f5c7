import builtins


def price(item):
    rate = 1
    seen = builtins.locals()
    total = item * rate
    return total, seen
