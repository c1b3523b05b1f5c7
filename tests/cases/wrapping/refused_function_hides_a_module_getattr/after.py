def __getattr__(name):
    if name=='old': return 1
    raise AttributeError(name)
def old():
    return 5
def f():
    return 2
