class Basket:
    rate = 1

    def total(self):
        return self.rate
