class A:
    @property
    def p(self):
        return 2
a=A()
X=a.p
