def dumps(value):
    return str(value)


def text(value):
    return dumps(value)
