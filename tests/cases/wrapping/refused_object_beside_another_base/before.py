class Plain:
    pass


class Box(Plain, object):
    def price(self, amount):
        return amount
