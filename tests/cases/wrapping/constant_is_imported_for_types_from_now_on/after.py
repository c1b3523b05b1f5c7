from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .events import Event


def listen(event: Event, listener: Callable[[], None]) -> None:
    print("on", event)
