"""Say what a plan does in a commit message, and in a summary for a pull request. Pure."""

import shlex

from flagwright.core.patch import visible
from flagwright.core.record import Record
from flagwright.core.records.plan import Plan
from flagwright.core.records.score import RuleHit

_TREATED = {
    "guarded": "guarded by the flag",
    "variant": "two bodies, the flag chooses",
    "widened": "an optional parameter",
    "dormant": "only the new code uses it",
    "kept": "stays for the old code",
    "neutral": "the same with the flag off and on",
    "added": "a new file",
    "passed-through": "no product code",
    "not-controllable": "**not controlled by the flag**",
    "left": "**left to a person**",
    "gone": "**gone**",
}


class Unstaged(Record):
    """Written files of a plan that `git commit` would not take as they are."""

    untracked: tuple[str, ...] = ()
    """Git does not know them: they are left out."""
    otherwise: tuple[str, ...] = ()
    """Another text of them is staged, such as the change as it was before the plan."""

    def add(self, root: str) -> str:
        """The command that stages what was written in place of another text; empty without one.

        Args:
            root: Of the work tree.
        """
        paths = " ".join(map(shlex.quote, self.otherwise))
        return f"git -C {shlex.quote(root)} add -- {paths}" if paths else ""


def subject(plan: Plan) -> str:
    """One line: what the plan does."""
    return f"Put a change behind {plan.flag}" if plan.kind == "wrap" else f"Take out {plan.flag}"


def trailers(plan: Plan) -> str:
    """What links a commit to the ledger."""
    score = f"{plan.score:g} ({plan.band})" if plan.score is not None else plan.band
    return f"Flag: {plan.flag}\nPlan: {plan.digest}\nScore: {score}\n"


def message(plan: Plan, proof: str) -> str:
    """The message of a commit that holds what the plan leaves."""
    return f"{subject(plan)}\n\nProved: {proof}.\n\n{trailers(plan)}"


def summary(plan: Plan, proof: str) -> str:
    """Markdown for whoever reviews a plan on the code host."""
    score = f"{plan.score:g} of 100, " if plan.score is not None else ""
    lines = [
        f"## {subject(plan)}",
        "",
        f"- **Proved:** {proof}.",
        f"- **Risk:** {score}{plan.band}.",
        f"- **Proposed by** {_told(plan.proposed_by)}, plan `{plan.id}`.",
        _merged(plan)
        if plan.kind == "wrap"
        else f"- Keeps the {plan.keep} side; the other code goes.",
        *map(_asked, plan.rules),
        *(f"- **To know:** {_told(note)}" for note in plan.notes),
        "",
        "| Place | What becomes of it |",
        "| --- | --- |",
    ]
    for segment in plan.coverage:
        place = f"`{_told(segment.path)}:{segment.line}`"
        why = f": {_told(segment.because)}" if segment.because else ""
        lines.append(f"| {place} | {_TREATED[segment.treatment]}{why} |")
    files = ", ".join(f"`{_told(edit.path)}`" for edit in plan.edits)
    lines += [
        "",
        f"Written by Flagwright: {files}. Merge it as a merge commit or a fast-forward, so that "
        "the commit of the plan stays: `flagwright verify` looks for it.",
        "",
        trailers(plan),
    ]
    return "\n".join(lines)


def _merged(plan: Plan) -> str:
    """What merging does by itself, which is not nothing where some of it no flag controls."""
    off = "- The flag is off where it is not switched on: merging this changes"
    count = sum(segment.treatment == "not-controllable" for segment in plan.coverage)
    places = "one place" if count == 1 else f"{count} places"
    at_once = f"at once the {places} below that no flag controls."
    return f"{off} {at_once if count else 'nothing by itself.'}"


def _asked(hit: RuleHit) -> str:
    """What a rule of the team asks for, or why it does not."""
    lifted = f", waived {hit.waiver.rstrip('.')}" if hit.waiver else ""
    shadow = ", only tried out" if hit.shadow else ""
    head = f"- **{hit.severity}** by `{_told(hit.rule)}`{_told(lifted)}{shadow}"
    return f"{head}: {_told(f'{hit.title}. {hit.reason}')}"


def _told(text: str) -> str:
    """A stranger's words, which may not end a table, a code span or the summary."""
    return visible(text).replace("|", "\\|").replace("`", "'").replace("\n", " ")
