def ranked(items):
    def weight(item):
        return item.price

    return sorted(items, key=weight)
