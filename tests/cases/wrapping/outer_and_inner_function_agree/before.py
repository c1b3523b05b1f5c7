def sorter(items):
    start = 0

    def key(item):
        return item

    return sorted(items, key=key)[start:]
