names = locals


def price(item):
    rate = 1
    seen = names()
    total = item * rate
    return total, seen
