def prices(items):
    return list(items)
