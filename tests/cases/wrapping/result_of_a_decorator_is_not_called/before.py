def logged(function):
    def wrapper():
        return function()

    return wrapper


@logged
def price():
    return 1
