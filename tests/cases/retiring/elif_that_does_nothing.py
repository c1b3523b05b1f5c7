from flags import client


def f(x):
    if x:
        return 1
    elif client.is_enabled("shop.new-tax"):
        pass
    else:
        return 3
    return 4


def g(x):
    if x:
        return 1
    elif client.is_enabled("shop.new-tax"):
        pass  # nothing to do
    else:
        return 3
    return 4
