"""Note what the files of a repository do with one of them while they are imported."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flagwright.core.wrapping.proof.outside import Outside

Place = tuple[str, int]
"""A file and a line of it; line 0 where only the file is known."""


@dataclass
class Done:
    """What is done with one file so far."""

    called: set[str] = field(default_factory=set)
    above: set[str] = field(default_factory=set)
    decorating: set[str] = field(default_factory=set)
    unfolding: set[str] = field(default_factory=set)
    applied: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    special: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    def told(
        self,
        calling: frozenset[str],
        passing: frozenset[str],
        plain: frozenset[str],
        packages: frozenset[str],
        sets: Callable[[str], bool],
    ) -> Outside:
        """As the proof is told."""
        return Outside(
            frozenset(self.called),
            frozenset(self.above),
            frozenset(self.decorating),
            frozenset(self.unfolding),
            frozenset(self.applied),
            frozenset(self.touched),
            frozenset(self.attributes),
            frozenset(self.read),
            frozenset(self.special),
            frozenset(self.texts),
            calling,
            passing,
            plain,
            packages,
            sets,
            is_all=True,
        )
