from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shop.basket import Basket


def build(basket: Basket, *, url: str | None = None, fresh: bool = False) -> str:
    return f"{basket} {url} {fresh}"
