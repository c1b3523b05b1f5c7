from flags import client


def f():
    if client.is_enabled("shop.new-tax"):
        "No docstring."
    return f.__doc__
