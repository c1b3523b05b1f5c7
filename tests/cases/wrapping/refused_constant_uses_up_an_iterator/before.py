it=iter([1,2,3])
def f():
    return next(it)
