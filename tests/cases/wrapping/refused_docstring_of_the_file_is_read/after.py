'''usage: b'''
def f():
    return __doc__
