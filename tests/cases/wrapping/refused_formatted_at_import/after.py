class A:
    def __repr__(self):
        return 'b'
X=f'{A()}'
