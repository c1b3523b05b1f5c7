class Basket(Model):
    rate = 2
