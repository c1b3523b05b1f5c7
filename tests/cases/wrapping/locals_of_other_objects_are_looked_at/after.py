def text(item, dir):
    found = list(vars(item))
    dir = dir or eval(item.code, item.names)
    return dir, found
