class Basket:
    @property
    def total(self):
        return self._total

    @total.setter
    def total(self, value: int) -> None:
        self._total = value + 1
