class Money:
    def __init__(self, amount):
        self.amount = amount


class Euro(Money):
    pass


Amount = Money | int
