def g():
    return 2
T={'a':g}
X=T['a']()
