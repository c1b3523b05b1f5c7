"""Show on a terminal how far a long piece of work is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import TaskID


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that draws one bar a title; nothing is drawn where nobody looks."""
    from rich.console import Console
    from rich.progress import Progress

    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as drawn:
        tasks: dict[str, TaskID] = {}

        def move(title: str, done: int, whole: int) -> None:
            if title not in tasks:
                tasks[title] = drawn.add_task(title, total=whole)
            drawn.update(tasks[title], completed=done, total=whole)

        yield move
