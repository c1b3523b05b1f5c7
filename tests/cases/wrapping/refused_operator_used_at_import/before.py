class A:
    def __add__(self,o):
        return 1
X=A()+A()
