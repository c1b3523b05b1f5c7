class M(type):
    def __new__(m,n,b,d):
        d['t']=2
        return super().__new__(m,n,b,d)
class A(metaclass=M):
    pass
