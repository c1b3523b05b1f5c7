def counted(function):
    def inner(*args):
        count(function)
        return function(*args)

    return inner
