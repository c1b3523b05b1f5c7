RATE = 2


class Base:
    def price(self):
        return 1


class Order(Base):
    __fee = 3

    def price(self):
        """The price."""

        # plain
        return super().price() * RATE + self.__fee
