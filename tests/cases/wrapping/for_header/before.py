def total(items):
    found = 0
    for item in items:
        found += item
    else:
        found += 1
    return found
