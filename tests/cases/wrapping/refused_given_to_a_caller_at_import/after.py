def apply(fn): return fn()
def g():
    return 2
X=apply(g)
