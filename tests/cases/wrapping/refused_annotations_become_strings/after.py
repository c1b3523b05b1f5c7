from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Basket:
    items: list

    def price(self, item: str | None) -> int | None:
        return self.rates
