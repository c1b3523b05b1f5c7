def g():
    return 1
T={'a':g}
X=T['a']()
