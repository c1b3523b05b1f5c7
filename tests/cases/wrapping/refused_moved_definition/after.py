def b():
    return 2


def a():
    return 3
