count = 1


def price():
    count = 5
    return count
