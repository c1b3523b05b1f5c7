def total(items):
    def cost(item):
        return item * 3

    return cost(1) + cost(2)
