from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shop.basket import Basket

if TYPE_CHECKING:
    from shop.server import Server


def build(basket: Basket, server: Server | None = None, fresh: bool = False) -> str:
    return f"{basket} {server} {fresh}"
