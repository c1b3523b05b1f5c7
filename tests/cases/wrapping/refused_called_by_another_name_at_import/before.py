def g():
    return 1
h=g
X=h()
