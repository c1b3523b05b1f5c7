def _collect(first, item, found=[]):
    found.append((first, item))
    return found
