count = 1


def price():
    global count
    count = 5
    return count
