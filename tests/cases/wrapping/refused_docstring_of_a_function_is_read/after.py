def f():
    '''b'''
    return f.__doc__
