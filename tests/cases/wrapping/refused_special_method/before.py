class Basket:
    def total(self):
        return 1
