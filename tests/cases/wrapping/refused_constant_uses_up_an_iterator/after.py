it=iter([1,2,3])
REST=list(it)
def f():
    return len(REST)
