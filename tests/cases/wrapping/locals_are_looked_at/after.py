def text(a):
    b = 2
    log(a)
    return repr(locals())
