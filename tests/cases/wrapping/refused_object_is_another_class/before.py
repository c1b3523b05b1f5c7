from shop.bases import Base as object


class Box(object):
    def price(self, amount):
        return amount
