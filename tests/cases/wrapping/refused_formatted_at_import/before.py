class A:
    def __repr__(self):
        return 'a'
X=f'{A()}'
