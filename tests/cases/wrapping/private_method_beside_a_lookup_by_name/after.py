class Basket:
    def total(self, kind):
        return self._taxed(getattr(self, kind))

    def _taxed(self, amount):
        return amount * 2
