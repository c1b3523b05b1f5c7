class A:
    @property
    def p(self):
        return 1
a=A()
X=a.p
