class Basket(Model):
    def total(self):
        return 1
