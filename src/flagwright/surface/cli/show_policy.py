"""Show a governance team what it asked of its policies."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from flagwright.core.report.impact import MARKS
from flagwright.surface.answers.policy import (
    DifferenceAnswer,
    ExplainAnswer,
    PreviewAnswer,
    RecordedView,
    ReplayedView,
    TrialAnswer,
    UsedAnswer,
)
from flagwright.surface.cli.show import console, warn

EFFECT_STYLE = {"stricter": "yellow", "looser": "red", "other": "dim"}
MOVED_STYLE = {
    "blocked": "bold red",
    "refused-instead": "bold red",
    "new": "yellow",
    "flagged-instead": "yellow",
    "released": "green",
    "let-through": "green",
}
MOST_ROWS = 40
LAYERS = {
    "shipped": "shipped",
    "organisation": "[bold]organisation[/]",
    "own": "[bold]your own[/]",
    "repository": "[bold]repository[/]",
}


def trial(answer: TrialAnswer) -> None:
    """What failed, and which rules no case meets."""
    out = console()
    for case in answer.cases:
        style, word = ("red", "wrong") if case.wrong else ("green", "holds")
        out.print(f"[{style}]{word}[/] {escape(case.title)} [dim]{escape(case.at)}[/]")
        for line in case.wrong:
            out.print(f"      {escape(line)}")
    untried = [one for one in answer.coverage if not one.cases]
    own = [one for one in untried if one.layer != "shipped"]
    if own or (answer.cases and untried):
        shipped = len(untried) - len(own)
        yours = f"{len(own)} rule{'s' * (len(own) > 1)} of yours, and " if own else ""
        out.print(f"\nNo case meets {yours}{shipped} rules that ship; their examples hold.")
        for one in own:
            out.print(f"  {one.rule:<34}{one.examples:>3} examples  [dim]{escape(one.at)}[/]")
    out.print(answer.message)


def explanation(answer: ExplainAnswer) -> None:
    """A paragraph, then each reason with its line and what would change it."""
    out = console()
    out.print(escape(answer.message))
    for reason in answer.reasons:
        out.print(f"\n[bold]{escape(reason.rule)}[/] {escape(reason.says)}")
        out.print(f"  [dim]{escape(reason.place)} ({reason.layer})[/]")
        out.print(f"  [dim]To change it:[/] {escape(reason.change)}")
    warn(answer.warnings, out)
    if answer.policy:
        out.print(f"\n[dim]policies {answer.policy[:12]}[/]")


def differences(answer: DifferenceAnswer) -> None:
    """Each setting as it was and as it is."""
    table = Table("policy", "setting", "before", "after", "effect", box=None)
    for one in answer.differences:
        style = EFFECT_STYLE[one.effect]
        table.add_row(
            one.policy,
            escape(one.key),
            escape(one.before or "-"),
            escape(one.after or "-"),
            f"[{style}]{one.effect}[/]",
        )
    out = console()
    if answer.differences:
        out.print(table)
    out.print(answer.message)


def used(answer: UsedAnswer) -> None:
    """The files of a set, as they were."""
    out = console()
    for file in answer.files:
        out.rule(f"{file.layer}: {escape(file.path)}", align="left")
        out.print(escape(file.text or ""), end="", soft_wrap=True)
    warn(answer.warnings, out)
    out.print(answer.message)


def layers(answer: UsedAnswer) -> None:
    """Which file of which layer counts."""
    table = Table("layer", "file", box=None)
    for file in answer.files:
        table.add_row(LAYERS[file.layer], escape(file.path))
    out = console()
    out.print(table)
    warn(answer.warnings, out)
    out.print(answer.message)
    if answer.schemas:
        out.print(f"Schemas for editors: {escape(answer.schemas)}", soft_wrap=True)


def preview(answer: PreviewAnswer) -> None:
    """The line that counts, and each change that moves with the rule that moved it."""
    out = console()
    for one in answer.repositories:
        if len(answer.repositories) > 1:
            out.rule(f"[bold]{escape(one.repository)}", align="left")
        out.print(f"[bold]{escape(one.says)}[/]")
        if one.moved:
            out.print(_moved(one.moved[:MOST_ROWS]))
        if len(one.moved) > MOST_ROWS:
            more = len(one.moved) - MOST_ROWS
            out.print(f"[dim]and {more} more; --json lists them all[/]")
        if one.recorded:
            out.print("\nIn the ledger:")
            out.print(_recorded(one.recorded[:MOST_ROWS]))


def _recorded(rows: Sequence[RecordedView]) -> Table:
    table = Table("day", "change", "what", "approved", "asked", "moved by", "flag", box=None)
    for row in rows:
        style = MOVED_STYLE.get(row.moved, "dim")
        table.add_row(
            row.day,
            row.change[:9],
            f"[{style}]{MARKS[row.moved][2]}[/]",
            row.approved or "-",
            " -> ".join(dict.fromkeys(tier or "nothing" for tier in row.asked)),
            escape(", ".join(row.by)),
            escape(row.flag or ""),
        )
    return table


def _moved(rows: Sequence[ReplayedView]) -> Table:
    heads = ("day", "commit", "what", "verdict", "score", "band", "moved by")
    table = Table(*heads, box=None)
    table.add_column("change", no_wrap=True, overflow="ellipsis")
    for row in rows:
        style = MOVED_STYLE.get(row.moved, "dim")
        bands = row.band[1] if row.band[0] == row.band[1] else f"{row.band[0]} -> {row.band[1]}"
        scores = f"{row.score[1]:g}"
        if row.score[0] != row.score[1]:
            scores = f"{row.score[0]:g} -> {scores}"
        table.add_row(
            row.day,
            row.sha[:9],
            f"[{style}]{MARKS[row.moved][2]}[/]",
            " -> ".join(dict.fromkeys(row.verdict)),
            scores,
            bands,
            escape(", ".join(row.by)),
            escape(row.title),
        )
    return table
