RATE = 2


class Order:
    @classmethod
    def made(cls):
        return RATE

    @staticmethod
    def free():
        return RATE

    @property
    def rate(self):
        return RATE
