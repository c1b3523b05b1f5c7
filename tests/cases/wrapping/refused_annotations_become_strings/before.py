from typing import Optional


class Basket:
    items: list

    def price(self, item: Optional[str]) -> Optional[int]:
        return self.rate
