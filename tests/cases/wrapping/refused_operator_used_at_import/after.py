class A:
    def __add__(self,o):
        return 2
X=A()+A()
