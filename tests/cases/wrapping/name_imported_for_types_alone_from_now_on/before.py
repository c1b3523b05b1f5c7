from __future__ import annotations
from typing import TYPE_CHECKING
from shop.importer import Action, Proposal

if TYPE_CHECKING:
    from shop.tag import Source


def f(x: Source):
    if isinstance(x, Proposal):
        return 1
    return Action(x)
