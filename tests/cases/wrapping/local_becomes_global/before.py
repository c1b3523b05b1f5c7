name = 1


def price():
    name = "l"
    return name
