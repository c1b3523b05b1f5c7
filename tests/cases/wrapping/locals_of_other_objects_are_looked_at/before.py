def text(item, dir):
    found = sorted(vars(item))
    dir = dir or eval(item.code, item.names)
    return found, dir
