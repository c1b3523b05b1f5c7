def _collect(item, found=[]):
    found.append(item)
    return found
