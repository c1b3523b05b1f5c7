X_A=1
ALL={k:v for k,v in vars().items() if k.startswith('X_')}
def f():
    return ALL
