names = locals


def price(item):
    rate = 2
    seen = names()
    total = rate * item
    return total, seen
