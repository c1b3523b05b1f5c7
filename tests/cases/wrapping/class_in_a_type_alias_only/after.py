class Money:
    def __init__(self, amount):
        self.amount = round(amount, 2)


class Euro(Money):
    pass


Amount = Money | int
