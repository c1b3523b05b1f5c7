def sorter(items):
    start = 1

    def key(item):
        return -item

    return sorted(items, key=key)[start:]
