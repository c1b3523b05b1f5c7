def drain(items):
    while items:
        take(items)
    else:
        done()
    return 1
