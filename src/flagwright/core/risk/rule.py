"""Say how a line of the risk policy looks: a cost, its reason and its own examples.

An example is a small diff. A line without a mark names the file; `+` comes, `-` goes,
a blank stays, `!` says why the file cannot be read, and `@` is a
line of CODEOWNERS. `a => b` is a rename, and a path alone
a touched file.
"""

from typing import Annotated, Generic, TypeVar

from pydantic import Field

from flagwright.core.policy.head import RuleHead, Words
from flagwright.core.policy.stricter import Adds, Stricter
from flagwright.core.record import Record
from flagwright.core.risk.pattern import Pattern

Weight = Annotated[float, Field(ge=-100, le=100, strict=True), Stricter(float, neutral=0)]
"""Points of the score, of which there are a hundred."""


class Rule(RuleHead):
    """One thing that a signal notices, what it costs, and why."""

    points: Weight


class PathRule(Rule):
    """Notices a changed file by its path."""

    path: Pattern


class TextRule(Rule):
    """Notices what has no syntax tree by its text."""

    text: Pattern | None = None
    """Searched in the changed lines of other languages, and of Python that does not parse."""


class CodeRule(TextRule):
    """Notices calls in Python by name, and by text elsewhere."""

    python: Pattern | None = None
    """Searched in the full dotted name of what is called, awaited or entered."""


class WordRule(Rule):
    """Notices identifiers by the words they are made of, in any style of writing."""

    words: Annotated[tuple[Words, ...], Field(min_length=1), Adds()]
    """In lower case; `access_token` is found in `accessToken`, `auth` is not in `author`."""


Kind = TypeVar("Kind", bound=str)
AnyRule = TypeVar("AnyRule", bound=Rule)


class Signal(Record, Generic[Kind, AnyRule]):
    """The rules of one room, and the most they may cost together."""

    cap: Annotated[float, Field(ge=0, le=100, strict=True), Stricter(float)]
    rules: Annotated[dict[Kind, AnyRule], Adds()]
    """A rule that is left out is not looked for."""

    def named(self) -> dict[str, AnyRule]:
        """The rules, for code that finds out at run time which one it noticed."""
        return {str(name): rule for name, rule in self.rules.items()}
