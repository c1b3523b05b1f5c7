class A:
    pass
def f():
    return hasattr(A(),'close')
