'''usage: a'''
def f():
    return __doc__
