class A:
    pass
class O:
    def m(self): return 'o'
class C(A,O):
    pass
def f():
    return C().m()
