class Basket(Timed, Model):
    rate = 1
