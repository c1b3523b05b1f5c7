class Basket:
    rate = 2

    def __init__(self, items):
        self.items = items

    @property
    def total(self):
        return sum(self.items)

    @staticmethod
    def empty():
        return Basket([])

    @classmethod
    def of(cls, *items):
        return cls(items)
