class Page:
    def __init__(self, rates):
        self.date = rates.pop()
        rates["a"] = 1

    def render(self):
        return self.date
