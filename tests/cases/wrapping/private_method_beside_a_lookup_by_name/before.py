class Basket:
    def total(self, kind):
        return getattr(self, kind)
