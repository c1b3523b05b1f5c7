class Basket:
    def total(self, prices):
        found: list[float] = [price for price in prices]
        self.rate: float = 1.0
        first: dict[str, float] = dict(
            rate=self.rate,
        )
        text: str = """
        Total"""
        return sum(found) * first["rate"], text
