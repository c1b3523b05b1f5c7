from flags import client


class Basket:
    if client.is_enabled("shop.new-tax"):
        rate = 2
    else:
        rate = 1

    def total(self):
        return self.rate
