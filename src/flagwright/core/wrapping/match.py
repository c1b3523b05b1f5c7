"""Find which statement of the old block is which of the new one."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from flagwright.core.wrapping.statement import Statement


class Stretch(NamedTuple):
    """Statements of both sides that belong together: equal ones in pairs, or a changed run."""

    same: bool
    before: tuple[Statement, ...]
    after: tuple[Statement, ...]

    def joined(self, before: Iterable[Statement], after: Iterable[Statement]) -> "Stretch":
        """With more statements of both sides behind these."""
        return self._replace(before=(*self.before, *before), after=(*self.after, *after))


def stretches(
    before: Sequence[Statement],
    after: Sequence[Statement],
    before_keys: Sequence[Hashable],
    after_keys: Sequence[Hashable],
) -> Iterator[Stretch]:
    """Align two blocks by the keys of their statements, in the order of the text."""
    matcher = SequenceMatcher(None, before_keys, after_keys, autojunk=False)
    for tag, b1, b2, a1, a2 in matcher.get_opcodes():
        yield Stretch(tag == "equal", tuple(before[b1:b2]), tuple(after[a1:a2]))


def as_one(
    parts: Sequence[Stretch], is_idle: Callable[[Statement], bool]
) -> tuple[tuple[Stretch, ...], Stretch | None, tuple[Stretch, ...]]:
    """What changes from the first place to the last as one run, and what is above and below."""
    changed = [
        place
        for place, part in enumerate(parts)
        if not part.same and (part.before or not all(map(is_idle, part.after)))
    ]
    if not changed:
        return tuple(parts), None, ()
    first, last = changed[0], changed[-1] + 1
    run = Stretch(same=False, before=(), after=())
    for part in parts[first:last]:
        run = run.joined(part.before, part.after)
    return tuple(parts[:first]), run, tuple(parts[last:])


def pairs(stretch: Stretch) -> Iterator[tuple[Statement, Statement]]:
    """The statements of a stretch whose keys are equal, two by two."""
    for before, after in zip_longest(stretch.before, stretch.after):
        assert before is not None
        assert after is not None
        yield before, after
