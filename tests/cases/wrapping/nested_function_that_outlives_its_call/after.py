def counted(function):
    def inner(*args):
        count(function, len(args))
        return function(*args)

    return inner
