name = 1


def price():
    return name
