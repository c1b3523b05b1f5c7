def logged(function):
    def wrapper():
        print("called")
        return function()

    return wrapper


@logged
def price():
    return 1
