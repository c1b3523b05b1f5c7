def apply(fn): return fn()
def g():
    return 1
X=apply(g)
