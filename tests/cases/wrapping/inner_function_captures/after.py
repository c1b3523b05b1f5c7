K = 1


def price():
    K = 8

    def inner():
        return K

    return inner()
