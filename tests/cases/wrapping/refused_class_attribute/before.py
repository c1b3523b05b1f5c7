class Basket(Model):
    rate = 1
