def g():
    return 2
h=g
X=h()
