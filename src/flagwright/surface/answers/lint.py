"""Answer whether every policy loads; apart from the other answers, because a hook waits for it."""

from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.core.record import Record
from flagwright.surface.answers.answer import Answer, Words

if TYPE_CHECKING:
    from flagwright.workbench.lint import Linted

MOST_PLACES = 5


class ProblemView(Record):
    """One thing that is wrong in a policy, or soon will be."""

    level: Literal["error", "warning"]
    at: str
    fact: str
    remedy: str


class PolicyView(Record):
    """One policy that loads, as all its layers make it."""

    name: str
    files: tuple[str, ...]
    digest: str
    examples: int


class LintAnswer(Answer):
    """Whether every policy loads, and every problem there is."""

    status: Literal["valid", "invalid"]
    code: str | None = None
    problems: tuple[ProblemView, ...] = ()
    policies: tuple[PolicyView, ...]


def linted(found: "Linted", words: Words) -> LintAnswer:
    """Answer a lint."""
    errors = sum(problem.level == "error" for problem in found.problems)
    examples = sum(one.examples for one in found.policies)
    message = f"{len(found.policies)} policies load, and hold all their {examples} examples."
    if errors:
        places = [one.place for one in found.problems if one.level == "error"]
        message = f"{errors} mistake{'s' * (errors != 1)}: {', '.join(places[:MOST_PLACES])}."
    return LintAnswer(
        status="invalid" if errors else "valid",
        code="policy-invalid" if errors else None,
        message=message,
        next_step=words["policy.invalid" if errors else "policy.valid"],
        problems=tuple(
            ProblemView(
                level=one.level,
                at=one.place,
                fact=visible(one.fact),
                remedy=visible(one.remedy),
            )
            for one in found.problems
        ),
        policies=tuple(
            PolicyView(name=one.name, files=one.files, digest=one.digest, examples=one.examples)
            for one in found.policies
        ),
    )
