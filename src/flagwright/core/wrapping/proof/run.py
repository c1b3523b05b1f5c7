"""Hold what the code of a file that runs at import does, as names."""

from dataclasses import dataclass, field

from flagwright.core.wrapping.proof import lookup
from flagwright.core.wrapping.proof.running import MAKING, Function


@dataclass
class Run:
    """What the code that runs at import does, as names."""

    called: set[str] = field(default_factory=set)
    """What is called, or given to something that calls it."""
    stored: set[str] = field(default_factory=set)
    """What is given to code that only stores it."""
    calls_stored: bool = False
    """Whether something is called of which it is not known what it is."""
    read: set[str] = field(default_factory=set)
    """Names that are read, but not to be given to code of somebody else."""
    strings: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    """Texts of other files, which may have been given to it."""
    touched: set[str] = field(default_factory=set)
    """Whose attributes are used."""
    touched_there: set[str] = field(default_factory=set)
    """Those where this stands, without what they are made of."""
    attributes: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    """What a method is called on that no class of the file has."""
    special: set[str] = field(default_factory=lambda: set(MAKING))
    looks_up: bool = False
    """Whether it looks for names that are not written where it does so."""
    lists: bool = False
    lists_others: bool = False
    """Whether it gets the names in something that another file has, but nothing by one of them."""
    evaluates: bool = False
    has_module: bool = False
    """Whether it may get hold of its own module, of which every name is an attribute."""
    lists_heirs: bool = False
    reached: set[int] = field(default_factory=set)
    """By identity, all nodes that run."""
    started: dict[int, Function] = field(default_factory=dict)
    """By identity, the functions among them."""

    def by_text(self) -> set[str]:
        """Names that its strings may stand for."""
        words = set(lookup.words_of(self.strings)) if self.evaluates else set[str]()
        return words | (self.strings | self.told if self.looks_up or self.lists else set())
