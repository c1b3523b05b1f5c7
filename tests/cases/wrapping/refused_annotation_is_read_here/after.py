import typing
def g(a:str): pass
def f():
    return typing.get_type_hints(g)
