"""Propose a first policy from what a repository does already: its names, its files, its past.

Pure. What is looked for is data, in `policies/init.toml`.
"""

from typing import Annotated, NamedTuple

from pydantic import Field

from flagwright.core.policy.head import Words
from flagwright.core.policy.rules import RuleId
from flagwright.core.record import Record
from flagwright.core.records.score import Severity
from flagwright.core.risk.pattern import Pattern

Percent = Annotated[int, Field(ge=1, le=99)]


class Proposed(Record):
    """What a rule that is proposed says of itself."""

    title: Words
    reason: Words
    severity: Severity


class Area(Proposed):
    """Files that are dear in many projects, known by words in their paths."""

    words: Annotated[tuple[Words, ...], Field(min_length=1)]
    """Small letters; a folder or file counts that has one of them in its name."""


class Thresholds(Record):
    """Which shares of the past changes are proposed, by the harm that they hold."""

    flag_due: Percent
    """Percent of the harm that is to be behind a flag."""
    high: Percent
    critical: Percent
    least_harmful: Annotated[int, Field(ge=1)]
    """Fewest changes that did harm, from which anything is proposed."""
    newest: Annotated[int, Field(ge=50, le=20_000)]
    """Most changes that are looked at."""


class InitPolicy(Record):
    """What a first policy is made of."""

    owner: Words
    """Who answers for a rule, where CODEOWNERS names nobody."""
    shadow: bool
    """Whether proposed rules are only tried out."""
    most_paths: Annotated[int, Field(ge=1, le=200)]
    least_names: Annotated[int, Field(ge=2)]
    """Fewest flags from which a pattern is read."""
    asks: Pattern
    """RE2 expression of the lines of code whose names count as flags."""
    thresholds: Thresholds
    areas: dict[RuleId, Area] = {}
    owned: Proposed
    """The rule about files that CODEOWNERS gives to people of their own."""


class Block(NamedTuple):
    """Some settings of one policy, and where they come from."""

    policy: str
    says: tuple[str, ...]
    """Lines for a reader."""
    toml: str
    """Empty where there is nothing to propose, and only that is told."""
    is_second_best: bool = False
    """Whether it is for where the one before may not count."""


def commented(text: str) -> str:
    """The same lines, as comments."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())


def quoted(text: str) -> str:
    """A text as a TOML string."""
    import json

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def listed(texts: tuple[str, ...] | list[str]) -> str:
    """Texts as a TOML list, one a line where they are many."""
    if len(texts) < 2:
        return f"[{', '.join(map(quoted, texts))}]"
    return "[\n" + "".join(f"    {quoted(text)},\n" for text in texts) + "]"
