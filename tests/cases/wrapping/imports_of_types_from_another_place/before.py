from typing import Any, Iterator


def prices(items: Iterator[Any]) -> Iterator[int]:
    """Give each price."""
    for item in items:
        yield item.price
