class Asking(type):
    def __new__(cls, name, bases, members):
        members["is_first"] = not bases
        return super().__new__(cls, name, bases, members)


class Box(object, metaclass=Asking):
    def price(self, amount):
        return amount
