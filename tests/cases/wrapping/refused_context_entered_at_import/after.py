class C:
    def __enter__(self):
        return 2
    def __exit__(self,*a): pass
with C() as X: pass
