class A:
    def close(self): pass
def f():
    return (hasattr(A(),'close'),1)
