from json import dumps


def text(value):
    return dumps(value)
