class A:
    def __init__(self,**k):
        for n,v in k.items(): setattr(self,n,v)
    @property
    def size(self):
        return 5
def f():
    return A().size
