RATE = 2


def prices(items):
    RATE = len(items)
    for item in items:
        sent = yield item * RATE
    return sent
