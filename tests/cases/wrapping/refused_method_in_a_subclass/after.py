class Basket(Model):
    def total(self):
        return 1

    def clean(self):
        return 2
