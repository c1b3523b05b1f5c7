RATE = 2


class Order:
    @classmethod
    def made(cls):
        RATE = cls.__name__
        return RATE

    @staticmethod
    def free():
        RATE = 0
        return RATE

    @property
    def rate(self):
        RATE = 5
        return RATE
