from dataclasses import dataclass
from typing import Optional


@dataclass
class Basket:
    items: list

    def price(self, item: Optional[str]) -> Optional[int]:
        return self.rate
