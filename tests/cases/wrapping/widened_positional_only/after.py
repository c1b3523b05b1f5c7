def scale(value, factor=2, /):
    return value * factor
