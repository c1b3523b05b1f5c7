from shop.text import dumps


def text(value):
    return dumps(value)
