def names(items):
    return list(filter(None, items))
