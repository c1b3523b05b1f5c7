def ranked(items):
    def weight(item):
        return -item.stars

    return sorted(items, key=weight)
