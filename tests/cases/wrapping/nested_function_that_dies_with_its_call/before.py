def total(items):
    def cost(item):
        return item * 2

    return cost(1) + cost(2)
