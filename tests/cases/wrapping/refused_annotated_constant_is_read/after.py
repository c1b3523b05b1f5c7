Y: int = 3
def f():
    return Y
