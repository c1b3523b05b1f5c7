from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Event = Literal["write", "import"]


def listen(event: Event, listener: Callable[[], None]) -> None:
    print(event)
