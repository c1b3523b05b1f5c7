"""Answer whether every policy loads; apart from the other answers, because a hook waits for it."""

from collections.abc import Iterable, Sequence
from typing import Literal

from flagwright.core.patch import visible
from flagwright.surface.answer import Answer, Words
from flagwright.workbench.lint import Checked, Linted, Problem

MOST_PLACES = 5


class LintAnswer(Answer):
    """Whether every policy loads, and every problem there is."""

    status: Literal["valid", "invalid"]
    code: str | None = None
    problems: tuple[Problem, ...] = ()
    policies: tuple[Checked, ...]


def linted(found: Linted, words: Words, *, tried: Sequence[str]) -> LintAnswer:
    """Answer a lint.

    Args:
        tried: Folders that were looked at and are not in force.
    """
    errors = sum(problem.level == "error" for problem in found.problems)
    examples = sum(one.examples for one in found.policies)
    many = "1 policy loads" if len(found.policies) == 1 else f"{len(found.policies)} policies load"
    held = f"and all {examples} examples hold" if examples else "with no examples of its own"
    held = "and its one example holds" if examples == 1 else held
    message = f"{many}, {held}; all others are as they ship."
    if not found.policies:
        message = "Every policy is as it ships."
    if errors:
        message = counted(one for one in found.problems if one.level == "error")
    if tried:
        message += f" Judged here: {visible(', '.join(tried))}."
    return LintAnswer(
        status="invalid" if errors else "valid",
        code="policy-invalid" if errors else None,
        message=message,
        next_step=words[f"policy.{'invalid' if errors else 'tried' if tried else 'valid'}"],
        problems=found.problems,
        policies=found.policies,
    )


def counted(mistakes: Iterable[Problem]) -> str:
    """How many mistakes there are, and where the first of them stand."""
    every = [one.at for one in mistakes]
    places = [*dict.fromkeys(every)][:MOST_PLACES]
    return f"{len(every)} mistake{'s' * (len(every) != 1)}: {', '.join(places)}."
