def total(items):
    found = 0
    for item in sorted(items):
        found += item
    else:
        found += 1
    return found
