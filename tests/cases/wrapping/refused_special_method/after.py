class Basket:
    def total(self):
        return 1

    def __len__(self):
        return 2
