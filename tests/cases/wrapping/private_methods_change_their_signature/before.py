class Order:
    def total(self):
        return self._sum(1, 2) + self._fee(3)

    def _sum(self, a, b):
        return a + b

    @staticmethod
    def _fee(a):
        return a
