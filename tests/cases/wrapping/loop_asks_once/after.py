def total(items):
    found = 0
    for item in items:
        if item < 0:
            continue
        found += item
    return found
