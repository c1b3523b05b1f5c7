import inspect


def shown():
    return inspect.currentframe().f_back.f_locals


def price(item):
    rate = 2
    seen = shown()
    total = rate * item
    return total, seen
