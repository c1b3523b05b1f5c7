X_A=1
X_B=2
ALL={k:v for k,v in vars().items() if k.startswith('X_')}
def f():
    return ALL,1
