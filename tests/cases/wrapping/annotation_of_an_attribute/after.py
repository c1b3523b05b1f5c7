class Page:
    def __init__(self, rates):
        self.date: str = rates.pop()
        rates["a"]: int = 1

    def render(self):
        return str(self.date)
