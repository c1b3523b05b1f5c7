from collections.abc import Iterator
from typing import Any


def prices(items: Iterator[Any]) -> Iterator[int]:
    """Give each price."""
    for item in items:
        yield item.price
