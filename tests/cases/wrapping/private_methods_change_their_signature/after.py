class Order:
    def total(self):
        return self._sum((1, 2)) + self._fee(3, 4)

    def _sum(self, items):
        return sum(items)

    @staticmethod
    def _fee(a, b):
        return a * b
