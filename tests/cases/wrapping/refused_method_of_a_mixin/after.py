class A:
    def m(self): return 'a'
class O:
    def m(self): return 'o'
class C(A,O):
    pass
def f():
    return C().m()+'!'
