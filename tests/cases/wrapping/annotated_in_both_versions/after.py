class Basket:
    def total(self, prices):
        found: list[float] = [price for price in prices if price]
        self.rate: float = 1.2  # with tax
        first: dict[str, float] = dict(
            rate=self.rate,
            tax=0.2,
        )
        text: str = """
        Total with tax"""
        return sum(found) * first["rate"], text
