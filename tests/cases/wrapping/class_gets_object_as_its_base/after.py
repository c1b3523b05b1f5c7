from builtins import object


class Box(object):
    class Lid(object):
        def price(self, amount):
            return amount * 2
