class Basket:
    def total(self):
        return 1


def price(amount):
    return 1
