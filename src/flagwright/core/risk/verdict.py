"""Decide what a change needs, in the order in which one reason makes the next one idle."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from flagwright.core.records.score import Assessment, Finding, Verdict
from flagwright.core.risk.flagged import governing, is_asked, nearby
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.risk.scale import begins
from flagwright.core.risk.view import FileView

MOST_PATHS = 3
"""How many paths one reason names."""


class Judgement(NamedTuple):
    """A verdict, its reason in one sentence, and the flags it is about."""

    verdict: Verdict
    because: str
    flags: tuple[str, ...] = ()
    must_split: bool = False
    """Whether it takes away what no switch brings back."""


EMPTY = Judgement("not-needed", "The change is empty.")


def judge(
    acting: Sequence[FileView],
    findings: Sequence[Finding],
    percentile: float,
    others: str,
    policy: RiskPolicy,
) -> Judgement:
    """Say whether a change should ship behind a flag, and behind which.

    Args:
        acting: The changed files that can change what the program does.
        findings: Why the change has its score.
        percentile: Share of the changes that are less risky, in percent.
        others: Whose changes those are, in words.
        policy: From where on a flag is due.
    """
    if not acting:
        return Judgement(
            "not-needed",
            "Nothing that runs in production changes: only tests, documentation, comments, "
            "docstrings or formatting.",
        )
    if refused := _not_suited(acting, findings, policy):
        return refused
    code = [file for file in acting if file.is_source]
    if flags := governing(code):
        because = f"Every changed line runs under {_list(flags)}."
        return Judgement("already-flagged", because if is_asked(code) else unasked(flags), flags)
    flags = nearby(code)
    due = f"the policy asks for a flag for the {policy.flag.due}."
    if percentile < begins(policy.flag.due):
        return Judgement("not-needed", f"Riskier than {percentile:g} % of {others}; {due}", flags)
    if flags:
        return Judgement("reuse", f"The changed functions already check {_list(flags)}.", flags)
    return Judgement("flag", f"Riskier than {percentile:g} % of {others}; {due}")


def unasked(flags: Sequence[str]) -> str:
    """Say of a change that a flag marks, and that nothing asks about it."""
    return (
        f"Nothing asks for {_list(flags)}: what was there runs as before, and what is new for "
        "whoever calls it, with the flag off, too."
    )


def beside(
    flags: Sequence[str],
    apart: Sequence[str],
    alone: Assessment,
    policy: RiskPolicy,
    *,
    asked: bool = True,
) -> Judgement:
    """Judge a change that runs under flags but for what no flag controls.

    Args:
        apart: Paths of that.
        alone: What it would be judged to be without the rest.
        asked: Whether anything asks for the flags.
    """
    paths = ", ".join(apart[:MOST_PATHS]) + " and more" * (len(apart) > MOST_PATHS)
    others = compared(alone.compared_with)
    rest = (
        f"All but {paths} runs under {_list(flags)}"
        if asked
        else f"Beside {paths} nothing runs otherwise, and nothing asks for {_list(flags)}"
    )
    because = f"{rest}; that alone is riskier than {alone.percentile:g} % of {others}"
    if alone.percentile < begins(policy.flag.due):
        return Judgement("already-flagged", f"{because}.", tuple(flags))
    because = f"{because}, and the policy asks for a flag for the {policy.flag.due}."
    return Judgement("not-suited", because, tuple(flags))


def compared(with_: Literal["project", "shipped"]) -> str:
    """Whose changes a score is compared with, in words."""
    return "this project's changes" if with_ == "project" else "changes in other projects"


def _not_suited(
    acting: Sequence[FileView], findings: Sequence[Finding], policy: RiskPolicy
) -> Judgement | None:
    """A flag controls code, and only what can be undone by not running it."""
    if reader := next((f for f in findings if f.rule == "data_migration.reader"), None):
        return Judgement(
            "not-suited",
            f"{reader.path}:{reader.line} names what a migration of the same change takes away: "
            "split it into expand, migrate and contract.",
            must_split=True,
        )
    for finding in findings:
        if finding.rule in policy.flag.irreversible:
            return Judgement(
                "not-suited",
                f"{finding.path}:{finding.line} cannot be taken back by switching a flag off: "
                "split the change into expand, migrate and contract.",
                must_split=True,
            )
    code = [file for file in acting if file.role == "code"]
    if not code:
        roles = sorted({file.role for file in acting})
        said = "no code" if "other" in roles else f"only {', '.join(roles)} files"
        return Judgement("not-suited", f"Nothing in it that a flag can control: {said}.")
    if all(file.change.unreadable for file in code):
        return Judgement("not-suited", "Its code could not be read, so it cannot be wrapped.")
    return None


def _list(flags: Sequence[str]) -> str:
    return f"the flag{'s' * (len(flags) > 1)} {', '.join(flags)}"
