def f():
    return sorted(k for k in globals() if k.startswith('X_'))
