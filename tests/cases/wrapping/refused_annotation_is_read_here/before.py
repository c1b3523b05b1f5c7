import typing
def g(a:int): pass
def f():
    return typing.get_type_hints(g)
