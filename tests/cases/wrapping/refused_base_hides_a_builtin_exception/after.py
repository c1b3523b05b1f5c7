import types
ALL=[]
class M(type):
    def __new__(m,n,b,d):
        ALL.append(n); return super().__new__(m,n,b,d)
ns=types.SimpleNamespace(T=M('T',(Exception,),{}))
TimeoutError=ns.T
class Mine(TimeoutError):
    pass
def f():
    return ALL,1
