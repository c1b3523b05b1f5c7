dumps = str


def text(value):
    return dumps(value)
