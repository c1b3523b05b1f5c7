X_A=1
def f():
    return sorted(k for k in globals() if k.startswith('X_')),1
