def drain(items):
    while items:
        take(items)
    else:
        pass
    return 2
