"""Notice files that certain people own, as the repository's CODEOWNERS says."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from flagwright.core.policy.head import Words
from flagwright.core.records.score import Finding
from flagwright.core.risk.evidence import quote
from flagwright.core.risk.rule import Rule, Signal
from flagwright.core.risk.view import FileView


class OwnerRule(Rule):
    """Notices a changed file by its owners."""

    owners: Annotated[tuple[Words, ...], Field(min_length=1)]
    """As CODEOWNERS writes them: `@org/team`, `@user` or an address."""


Owned = Signal[str, OwnerRule]


def see(files: Sequence[FileView], settings: Owned) -> Iterator[Finding]:
    """Report each file that runs in production and has an owner whom a rule names."""
    for file in files:
        for name, rule in settings.rules.items():
            held = [owner for owner in file.owners if owner in rule.owners]
            if held and file.role not in ("tests", "docs"):
                yield Finding(
                    rule=f"owners.{name}",
                    points=rule.points,
                    path=file.path,
                    evidence=quote(f"owned by {', '.join(held)}"),
                )
