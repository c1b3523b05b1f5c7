def text(a):
    b = 1
    log(a)
    return str(locals())
