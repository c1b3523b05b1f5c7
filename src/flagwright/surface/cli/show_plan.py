"""Show a person everything that they decide by, and nothing that looks like a secret."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax

from flagwright.core.patch import visible
from flagwright.core.records.plan import Plan, Segment
from flagwright.core.review.lines import lines, secrets_in, spelt_out
from flagwright.core.rollout import meant_without_user
from flagwright.core.strategy import placed
from flagwright.surface.answers import prove_in_words, view_rule
from flagwright.surface.cli.show import BAND_STYLE, rules, warn
from flagwright.surface.cli.sides import side_by_side

SIDES_FROM = 100
"""Narrower terminals get the unified patch."""


def review(plan: Plan, out: Console, masks: Sequence[str]) -> None:
    """Show everything that a person decides by: the edits, coverage, proof and score.

    Args:
        masks: Patterns of what looks like a secret, and is not shown.
    """
    out.rule(f"Plan {plan.id}")
    warn([*map(visible, plan.notes)], out)
    now, then = ("now", f"behind {plan.flag}") if plan.kind == "wrap" else ("now", "without it")
    for edit in plan.edits:
        out.print(f"[bold]{escape(visible(edit.path))}[/]")
        _patch(edit.patch, out, masks, now, escape(visible(then)))
    if plan.switch:
        where = escape(visible(f"{plan.flag} in {plan.switch.environment}"))
        out.print(f"[bold]{where}[/], project {escape(plan.switch.project)}")
        for when, state in (("now", plan.switch.before), ("then", plan.switch.after)):
            out.print(f"  {when:<6}{escape(visible(placed(state, plan.flag)))}")
        if comes := meant_without_user(plan.switch.after):
            out.print(f"  Where the code asks without a user, {comes}.")
    for segment in plan.coverage:
        _segment(segment, out)
    what = "Put behind" if plan.kind == "wrap" else f"Keep the {plan.keep} side and remove"
    if not plan.switch:
        where = escape(visible(plan.root))
        out.print(f"\n[bold]{what} {escape(visible(plan.flag))}[/] in {where}")
    label = "Checked" if plan.switch else "Proved"
    out.print(f"[green]{label}:[/] {escape(prove_in_words(plan))}")
    rules([view_rule(hit) for hit in plan.rules], out)
    if plan.assessment:
        warn([*map(visible, plan.assessment.warnings)], out)
    style = BAND_STYLE[plan.band]
    score = f"{plan.score:g} of 100, " if plan.score is not None else ""
    by = escape(visible(plan.proposed_by))
    out.print(f"Risk: [{style}]{score}{plan.band}[/]   proposed by {by}")
    out.print(f"[dim]digest {plan.digest}[/]")
    out.rule(f"End of plan {plan.id}")


def _patch(patch: str, out: Console, masks: Sequence[str], now: str, then: str) -> None:
    found = lines(patch, is_python=False, masks=masks)
    text = spelt_out(found)
    if out.width >= SIDES_FROM:
        out.print(side_by_side(text, now, then))
    else:
        out.print(Syntax(text, "diff", background_color="default", word_wrap=True))
    if secrets := secrets_in(found):
        out.print(f"[red]Masked here, as they look like secrets: {secrets}; the file has them.[/]")


def _segment(segment: Segment, out: Console) -> None:
    style = "yellow" if segment.treatment in ("not-controllable", "left", "gone") else "dim"
    place = str(segment.line)
    if segment.end_line != segment.line:
        place += f"-{segment.end_line}"
    side = " (before)" if segment.side == "before" else ""
    why = f": {segment.because}" if segment.because else ""
    told = escape(visible(f"{segment.path}:{place}{side}{why}"))
    out.print(f"[{style}]{segment.treatment:<16}[/] {told}")
