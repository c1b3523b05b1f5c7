RATE = 2


class Base:
    def price(self):
        return 1


class Order(Base):
    __fee = 3

    def price(self):
        """The price."""

        # with a rate of its own
        RATE = super().price() + 3
        return super().price() * RATE + self.__fee + len(__class__.__name__)
