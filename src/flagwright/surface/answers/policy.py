"""Answer what a governance team asks of its policies."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.core.policy.difference import Difference
from flagwright.core.policy.explain import Explanation, Reason
from flagwright.core.policy.replay import Kind, Preview, Recorded, Replayed
from flagwright.core.record import Record
from flagwright.core.records.decision import Tier
from flagwright.core.records.score import Band, Verdict
from flagwright.surface.answer import Answer, Words
from flagwright.workbench.cases import Covered, Trial, Tried

if TYPE_CHECKING:
    from flagwright.workbench import Used


class TrialAnswer(Answer):
    """What came of the team's own cases, and how well each rule is tried."""

    status: Literal["passed", "failed", "no-cases"]
    cases: tuple[Tried, ...]
    coverage: tuple[Covered, ...]


class ExplainAnswer(Answer):
    """Why something was decided as it was."""

    status: Literal["explained"] = "explained"
    reasons: tuple[Reason, ...]
    policy: str | None
    """None: nothing was judged."""
    warnings: tuple[str, ...] = ()


class DifferenceAnswer(Answer):
    """What differs in meaning."""

    status: Literal["same", "differs"]
    differences: tuple[Difference, ...]


class UsedFileView(Record):
    """One file, as it was."""

    layer: str
    path: str
    text: str | None = None
    """None where only the files that count were asked for."""


class UsedAnswer(Answer):
    """A set of policies that was used."""

    status: Literal["found", "in-force"]
    digest: str
    files: tuple[UsedFileView, ...]
    warnings: tuple[str, ...] = ()
    """What a repository says and what does not count."""
    schemas: str | None = None
    """Folder of the JSON Schemas that an editor completes and checks policies with."""


class ReplayedView(Record):
    """One past change that an edit would have moved."""

    sha: str
    day: str
    title: str
    moved: Kind
    by: tuple[str, ...]
    score: tuple[float, float]
    band: tuple[Band, Band]
    verdict: tuple[Verdict, Verdict]


class RecordedView(Record):
    """One change of the ledger that an edit would have moved, or whose approval would not do."""

    change: str
    day: str
    flag: str | None
    moved: Kind
    by: tuple[str, ...]
    verdict: tuple[Verdict, Verdict]
    approved: Tier | None
    asked: tuple[Tier | None, Tier | None]
    """The door that is asked for before the edit, and after it."""


class PreviewView(Record):
    """One repository."""

    repository: str
    says: str
    moved: tuple[ReplayedView, ...]
    recorded: tuple[RecordedView, ...] = ()
    whole: Preview | None = None
    """Every change, for a page or another program."""


class PreviewAnswer(Answer):
    """What an edit of the policies would have done."""

    status: Literal["same", "differs"]
    repositories: tuple[PreviewView, ...]


def tried(trial: Trial, words: Words) -> TrialAnswer:
    """Answer a trial of the team's cases."""
    wrong = sum(bool(case.wrong) for case in trial.cases)
    status: Literal["passed", "failed", "no-cases"] = "failed" if wrong else "passed"
    if not trial.cases:
        status = "no-cases"
    examples = sum(one.examples for one in trial.coverage)
    met = len(trial.coverage) - len(trial.untried)
    message = (
        f"{len(trial.cases) - wrong} of {len(trial.cases)} cases hold, and all {examples} "
        f"examples. Cases meet {met} of {len(trial.coverage)} rules."
    )
    return TrialAnswer(
        status=status,
        message=message,
        next_step=words[f"policy.{status}"],
        cases=trial.cases,
        coverage=trial.coverage,
    )


def explained(found: Explanation, words: Words) -> ExplainAnswer:
    """Answer why."""
    return ExplainAnswer(
        message=visible(found.says),
        next_step=words["policy.explained"].format(digest=found.policy[:12])
        if found.policy
        else words["policy.unjudged"],
        reasons=tuple(
            reason.model_copy(update={"says": visible(reason.says)}) for reason in found.reasons
        ),
        policy=found.policy,
        warnings=tuple(map(visible, found.warnings)),
    )


def differing(found: Sequence[Difference], words: Words) -> DifferenceAnswer:
    """Answer a comparison of two sets of policies."""
    status: Literal["same", "differs"] = "differs" if found else "same"
    counts = {
        effect: sum(one.effect == effect for one in found)
        for effect in ("stricter", "looser", "other")
    }
    said = ", ".join(f"{count} {effect}" for effect, count in counts.items() if count)
    differ = "1 setting differs" if len(found) == 1 else f"{len(found)} settings differ"
    return DifferenceAnswer(
        status=status,
        message=f"{differ}: {said}." if found else "They mean the same.",
        next_step=words[f"policy.{status}"],
        differences=tuple(found),
    )


def kept(
    found: "Used", words: Words, layers: Sequence[str] = (), *, schemas: Path | None = None
) -> UsedAnswer:
    """Answer which policies a digest stands for.

    Args:
        layers: Which are asked for; none: all.
        schemas: Where the schemas are, if these are in force now; none: they were once, and
            are told with their texts.
    """
    whole = schemas is None
    status: Literal["found", "in-force"] = "found" if whole else "in-force"
    tense = "were" if whole else "are"
    files = [file for file in found.files if not layers or file.layer in layers]
    of = f"; shown of them: {len(files)}" if layers else ""
    return UsedAnswer(
        status=status,
        message=f"{len(found.files)} files {tense} in force as {found.digest[:12]}{of}.",
        next_step=words[f"policy.{status}"].format(digest=found.digest[:12]),
        digest=found.digest,
        files=tuple(
            UsedFileView(layer=file.layer, path=file.path, text=file.text if whole else None)
            for file in files
        ),
        warnings=tuple(map(visible, found.left_out)),
        schemas=str(schemas) if schemas else None,
    )


def previewed(found: Sequence[Preview], words: Words, *, whole: bool) -> PreviewAnswer:
    """Answer what an edit would have done.

    Args:
        whole: Whether every change is in the answer, not only those that moved.
    """
    moved = any(
        one.moved
        or one.refused.moves
        or one.wrapped.moves
        or any(each.moved_by for each in one.recorded)
        for one in found
    )
    status: Literal["same", "differs"] = "differs" if moved else "same"
    says = " ".join(
        f"{one.repository}: {one.in_words()}" if len(found) > 1 else one.in_words() for one in found
    )
    return PreviewAnswer(
        status=status,
        message=says,
        next_step=words[f"policy.preview-{status if moved else _unmoved(found)}"],
        repositories=tuple(
            PreviewView(
                repository=one.repository,
                says=one.in_words(),
                moved=tuple(map(_replayed, one.moved)),
                recorded=tuple(
                    _recorded(each) for each in one.recorded if each.moved_by or each.is_short
                ),
                whole=one if whole else None,
            )
            for one in found
        ),
    )


def _unmoved(found: Sequence[Preview]) -> str:
    """Why a preview moves nothing."""
    if all(one.before == one.after for one in found):
        return "unedited"
    return "same" if any(one.changes or one.recorded for one in found) else "empty"


def _replayed(one: Replayed) -> ReplayedView:
    return ReplayedView(
        sha=one.sha,
        day=f"{datetime.fromtimestamp(one.at, UTC):%Y-%m-%d}",
        title=visible(one.title)[:100],
        moved=one.kind,
        by=one.moved_by,
        score=(one.before.score, one.after.score),
        band=(one.before.band, one.after.band),
        verdict=(one.before.verdict, one.after.verdict),
    )


def _recorded(one: Recorded) -> RecordedView:
    return RecordedView(
        change=one.change,
        day=f"{datetime.fromtimestamp(one.at, UTC):%Y-%m-%d}",
        flag=one.flag and visible(one.flag),
        moved=one.kind,
        by=one.moved_by,
        verdict=(one.before.verdict, one.after.verdict),
        approved=one.approved,
        asked=(one.before.tier, one.after.tier),
    )
