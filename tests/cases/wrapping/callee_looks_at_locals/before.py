import inspect


def shown():
    return inspect.currentframe().f_back.f_locals


def price(item):
    rate = 1
    seen = shown()
    total = item * rate
    return total, seen
