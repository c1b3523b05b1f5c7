"""Show answers and plans to a person. Whatever a stranger wrote is made visible first."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from flagwright.surface.answers import (
    Answer,
    ApplyAnswer,
    BacktestAnswer,
    ChainAnswer,
    DecisionAnswer,
    ExportAnswer,
    FitAnswer,
    GateView,
    HandoverAnswer,
    LedgerAnswer,
    PlanAnswer,
    PlansAnswer,
    ReleaseAnswer,
    RuleView,
    ScoreAnswer,
    UndoAnswer,
)

if TYPE_CHECKING:
    from flagwright.surface.answers.installation import DoctorAnswer

BAND_STYLE = {"low": "green", "medium": "yellow", "high": "red", "critical": "bold red"}
RULE_STYLE = {
    "note": "dim",
    "require-flag": "yellow",
    "require-approval": "yellow",
    "block": "bold red",
}
BAR_CHARS = 24
WIDTH = 140


def console() -> Console:
    """Standard output, plain and of one width when it is no terminal."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=WIDTH)


def score(answer: ScoreAnswer) -> None:
    """Draw the findings as a waterfall: each bar starts where the last one ended."""
    out = console()
    style = BAND_STYLE[answer.band]
    out.print(f"[bold]Risk [{style}]{answer.score:.2f}[/] of 100, {answer.band}[/]", end="  ")
    out.print(escape(answer.message.partition(": ")[2]))
    table = Table(box=None, padding=(0, 1), show_header=False)
    table.add_column(justify="right")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    reached = 0.0
    scale = max(100.0, sum(f.points for f in answer.findings if f.points > 0))
    for finding in answer.findings:
        start, reached = reached, reached + finding.points
        place = (
            f"[dim] at {escape(finding.at)}[/]"
            if finding.at and finding.at != finding.evidence
            else ""
        )
        table.add_row(
            f"{finding.points:+.2f}",
            _bar(start, reached, scale),
            f"[bold]{escape(finding.rule)}[/] {escape(finding.evidence)}{place}",
        )
    out.print(table)
    rules(answer.rules or (), out)
    warn(answer.warnings or (), out)
    out.print(f"[bold]Verdict: {answer.verdict}[/]")


def warn(warnings: Sequence[str], out: Console) -> None:
    """Say what whoever reads on has to know."""
    for warning in warnings:
        out.print(f"[yellow]warning[/] {escape(warning)}")


def rules(met: Sequence[RuleView], out: Console) -> None:
    """Name the rules of the team that a change meets, and where."""
    for rule in met:
        place = f"[dim] at {escape(rule.at)}[/]" if rule.at else ""
        style = RULE_STYLE[rule.severity]
        asks = f"{rule.severity} {rule.tier}" if rule.tier else rule.severity
        out.print(f"[{style}]{asks:<17}[/] [bold]{rule.rule}[/] {escape(rule.says)}{place}")


def _bar(start: float, end: float, scale: float) -> Text:
    left, right = sorted((start, end))
    offset = round(left / scale * BAR_CHARS)
    length = max(1, round(right / scale * BAR_CHARS) - offset) if end != start else 0
    bar = Text(" " * offset)
    bar.append("█" * length, style="red" if end > start else "green")
    bar.append(" " * (BAR_CHARS - offset - length))
    return bar


def proposal(answer: PlanAnswer) -> None:
    """Show what a plan covers, what was proved, and what the team asks for."""
    out = console()
    out.print(escape(answer.message))
    for path in answer.files:
        out.print(f"  [bold]{escape(path)}[/]")
    if answer.coverage:
        counts = ", ".join(f"{count} {name}" for name, count in answer.coverage.items())
        out.print(f"[dim]Coverage:[/] {counts}")
    label = "By hand" if {"left", "gone"} & answer.coverage.keys() else "Not controllable"
    for place in answer.not_covered:
        out.print(f"[yellow]{label}:[/] {escape(place)}")
    if answer.proof:
        out.print(f"[green]Proved:[/] {escape(answer.proof)}")
    rules(answer.rules or (), out)
    for note in answer.notes:
        out.print(f"[dim]Note: {escape(note)}[/]")


def applied(answer: ApplyAnswer) -> None:
    """Say whether files were written, and which."""
    out = console()
    style = {"applied": "bold green", "awaiting-approval": "yellow", "rejected": "red"}
    out.print(f"[{style[answer.status]}]{answer.status}[/] {escape(answer.message)}")
    for path in answer.files:
        out.print(f"  {escape(path)}")


def ledger(answer: LedgerAnswer) -> None:
    """Show the ledger, newest first."""
    table = Table("", "when (UTC)", "action", "flag", "risk", "by", "", box=None)
    for entry in answer.entries:
        failed = f" [red]{entry.outcome}[/]" if entry.outcome != "done" else ""
        code = f" ({entry.code})" if entry.code else ""
        where = f"\n[dim]{escape(entry.where)}[/]" if entry.where else ""
        table.add_row(
            str(entry.seq),
            entry.at[5:16].replace("T", " "),
            entry.action + failed + code,
            escape(entry.flag or "") + where,
            "" if entry.score is None else f"{entry.score:g}",
            escape(entry.by),
            "[green]delivered[/]" if entry.delivered else "[yellow]owed[/]",
        )
    out = console()
    out.print(table)
    out.print(answer.message)


def released(answer: ReleaseAnswer) -> None:
    """Name each flag whose checks are new, and why it stops the release or does not."""
    out = console()
    for view in answer.flags:
        mark = "[green]ok  [/]" if view.ok else "[bold red]stop[/]"
        out.print(f"{mark} [bold]{escape(view.flag)}[/] {escape(view.because)}")
        out.print(f"     [dim]{escape(', '.join(view.at))}[/]")
    warn(answer.warnings, out)
    style = "green" if answer.status == "ready" else "red"
    out.print(f"[bold {style}]{answer.status}[/] {escape(answer.message)}")


def said(answer: Answer) -> None:
    """Say what an answer says."""
    console().print(escape(answer.message))


def chains(answer: ChainAnswer | ExportAnswer) -> None:
    """Name what is wrong with the ledger, a line each."""
    out = console()
    style = "bold red" if answer.status == "broken" else "bold green"
    out.print(f"[{style}]{answer.status}[/] {escape(answer.message)}")
    for line in answer.problems:
        out.print(f"  {escape(line)}")


def plans(answer: PlansAnswer) -> None:
    """List plans, newest first, with their repositories where there are several."""
    names = [PurePath(row.repository).name for row in answer.plans]
    several = len({row.repository for row in answer.plans if row.repository}) > 1
    where = ["repository"] if several else []
    table = Table("plan", "state", "kind", "flag", *where, "files", "risk", "made", "by", box=None)
    for row, name in zip(answer.plans, names, strict=True):
        table.add_row(
            row.plan,
            row.state,
            row.kind,
            escape(row.flag),
            *([escape(name)] if several else []),
            str(row.files),
            row.band if row.score is None else f"{row.score:g} {row.band}",
            row.created_at[:16].replace("T", " "),
            escape(row.by),
        )
    out = console()
    out.print(answer.message)
    if answer.plans:
        out.print(table)


def decision(answer: DecisionAnswer) -> None:
    """Say what was decided."""
    style = "green" if answer.status == "approved" else "red"
    console().print(f"[bold {style}]{answer.status}[/] {escape(answer.message)}")


def handed_out(answer: HandoverAnswer) -> None:
    """Say where an exported plan is, and show its summary."""
    out = console()
    out.print(f"[bold green]exported[/] {escape(answer.message)}")
    out.print(Text(answer.summary))


def undone(answer: UndoAnswer) -> None:
    """Say which files are as before."""
    console().print(f"[bold green]undone[/] {escape(answer.message)}")


def doctor(answer: "DoctorAnswer") -> None:
    """Show each check, and what to do where it failed."""
    out = console()
    for check in answer.checks:
        mark = "[green]ok  [/]" if check.ok else "[bold red]fix [/]"
        out.print(f"{mark} [bold]{check.name:<12}[/] {escape(check.fact)}")
        if check.next_step and not check.ok:
            out.print(f"{' ' * 18}{escape(check.next_step)}")
    out.print(answer.message)


def backtest(answer: BacktestAnswer) -> None:
    """What gating the largest of each number would have caught, as a table."""
    out = console()
    out.print(f"[bold]{answer.message}[/]")
    out.print(
        f"[dim]{answer.since} to {answer.until}; {answer.reverted} were reverted; "
        f"up to {answer.commit[:12]}[/]"
    )
    if answer.gates:
        out.print(_gates(answer.gates))


def fit(answer: FitAnswer) -> None:
    """What own weights would have caught, beside those in force, as a table."""
    out = console()
    out.print(f"[bold]{answer.message}[/]")
    if answer.gates:
        out.print(f"[dim]fixes are told by {answer.convention}; up to {answer.commit[:12]}[/]")
        out.print(_gates(answer.gates))


def _gates(gates: Sequence[GateView]) -> Table:
    table = Table(box=None, padding=(0, 2))
    table.add_column("caught by gating the riskiest")
    for share in gates[0].caught:
        table.add_column(f"{share} %", justify="right")
    table.add_column("AUC", justify="right")
    for gate in gates:
        cells = (f"{caught:.0%}" for caught in gate.caught.values())
        table.add_row(f"by {gate.by}", *cells, f"{gate.auc:.3f}")
    table.add_row("[dim]by chance[/]", *(f"[dim]{s} %[/]" for s in gates[0].caught), "0.500")
    return table
