from __future__ import annotations
from typing import TYPE_CHECKING
from shop.importer import Action

if TYPE_CHECKING:
    from shop.tag import Proposal, Source


def f(x: Source | Proposal):
    if x is None:
        return 1
    return Action(x)
