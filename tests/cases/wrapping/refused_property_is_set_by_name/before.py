class A:
    def __init__(self,**k):
        for n,v in k.items(): setattr(self,n,v)
def f():
    return A(size=2).size
