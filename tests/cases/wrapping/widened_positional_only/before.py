def scale(value, /):
    return value
