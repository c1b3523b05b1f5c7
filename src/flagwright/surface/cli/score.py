"""Score one change, or many commits."""

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from flagwright.core.records.score import Assessment, Band
from flagwright.errors import FlagwrightError
from flagwright.surface import answers
from flagwright.surface.answers.score import ROWS, TOP_FINDINGS
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go
from flagwright.surface.cli.bars import bars

if TYPE_CHECKING:
    from flagwright.workbench.batch import Scored
    from flagwright.workbench.bench import Workbench


@group.cli.command()
@group.revisions
@group.repo
@click.option("--range", "between", metavar="A..B", help="Score what changed between two commits.")
@click.option("--commit", help="Score what one commit changed.")
@click.option("--staged", is_flag=True, help="Score what is staged for the next commit.")
@click.option("--diff", type=click.File("r"), help="Score a unified diff; - reads it from stdin.")
@click.option(
    "--commits",
    type=click.File("r"),
    help="Score each commit that a file names, one a line; - reads stdin. Bare repositories too.",
)
@click.option(
    "--calibrate-until",
    metavar="COMMIT",
    help="With --commits: learn from this commit and all before it first.",
)
@click.option(
    "--wait", is_flag=True, help="Read all of the history first, and place the change in it."
)
@click.option("--detail", is_flag=True, help="List every finding.")
@click.option(
    "--fail-at",
    type=click.Choice(get_args(Band)[1:]),
    help="Exit with 1 where the change is blocked, or in this band or above without a flag, "
    "or where a policy of its base has a mistake that it does not touch.",
)
@click.option(
    "--sarif",
    "sarif_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the findings as SARIF, too.",
)
@group.as_json
def score(
    revisions: str | None,
    repo: Path,
    between: str | None,
    commit: str | None,
    diff: Any,
    commits: Any,
    calibrate_until: str | None,
    fail_at: Band | None,
    sarif_file: Path | None,
    *,
    staged: bool,
    wait: bool,
    detail: bool,
) -> None:
    """Score the risk of a change, from 0 to 100, point by point.

    REVISIONS is a revision or a range A..B. Without it, the work tree is compared with HEAD;
    where that is clean, the branch with its merge base with the default branch.
    """
    if sum(map(bool, (revisions, between, commit, staged, diff, commits))) > 1:
        raise click.UsageError("Name one change: a revision, a range, a commit, ... not several.")
    if between and ".." not in between:
        raise click.UsageError(f"--range reads A..B, not {between}")
    if calibrate_until and not commits:
        raise click.UsageError("--calibrate-until goes with --commits")
    if commits:
        names = commits.read().split()
        sys.exit(_batch(repo, names, calibrate_until, fail_at, is_placed=wait))
    text = diff.read() if diff else None

    async def work(bench: "Workbench") -> tuple[Assessment, answers.ScoreAnswer, str]:
        with bars() as progress:
            found = await bench.score(
                repo,
                revisions=revisions or between,
                commit=commit,
                staged=staged,
                diff=text,
                wait=wait,
                actor=go.actor(),
                progress=progress,
            )
        most = None if detail else TOP_FINDINGS if go.is_json() else ROWS
        words = bench.words("terminal")
        told = await bench.sarif(found, version("flagwright")) if sarif_file else {}
        answer = answers.scored(found, words, most=most, has_history=text is None)
        return found, answer, json.dumps(told, indent=2)

    if sarif_file:
        from importlib.metadata import version
    assessment, answer, told = go.run(work)
    if sarif_file:
        sarif_file.write_text(f"{told}\n", encoding="utf-8")
    from flagwright.surface.cli import show

    go.answer(answer, show.score)
    if text is None and assessment.compared_with == "shipped" and not go.is_json():
        _read_on(repo)
    if because := _stops(assessment, fail_at):
        if not go.is_json():
            click.echo(f"Stopped by --fail-at {fail_at}: {because}.", err=True)
        sys.exit(go.REFUSED)


def _read_on(repo: Path) -> None:
    """Where a person looks on, read the history after the answer, for the next score."""
    if not sys.stderr.isatty():
        return

    async def work(bench: "Workbench") -> None:
        with bars() as progress:
            await bench.hindsight.look_back(
                repo,
                lambda title, done, whole: progress(f"{title} for the next score", done, whole),
            )

    with suppress(KeyboardInterrupt):  # what was read by then is kept
        go.run(work)


def _batch(
    repo: Path, names: list[str], until: str | None, fail_at: Band | None, *, is_placed: bool
) -> int:
    """Print one line a commit, in their order; 1 where one has no score, or is stopped."""
    code = go.DONE

    def emit(one: "Scored") -> None:
        nonlocal code
        if isinstance(one.outcome, FlagwrightError) or _stops(one.outcome, fail_at):
            code = go.REFUSED
        click.echo(json.dumps(_line(one)) if go.is_json() else _row(one))

    async def work(bench: "Workbench") -> None:
        with bars() as progress:
            await bench.hindsight.score_commits(
                repo,
                names,
                until=until,
                is_placed=is_placed,
                actor=go.actor(),
                emit=emit,
                progress=progress,
            )

    go.run(work)
    return code


def _line(one: "Scored") -> dict[str, Any]:
    found = one.outcome
    if isinstance(found, FlagwrightError):
        return {"sha": one.name, "error": found.code, "message": found.fact}
    told: dict[str, Any] = {"band": found.band, "compared_with": found.compared_with}
    told |= {"in_part": found.in_part} if found.in_part else {}
    return {"sha": one.name, "score": found.score, **found.parts, **told}


def _row(one: "Scored") -> str:
    from flagwright.core.patch import visible

    found = one.outcome
    if isinstance(found, FlagwrightError):
        return f"{visible(one.name[:12]):12}      - {found.code}: {visible(found.fact)}"
    parts = "  ".join(f"{name} {points:.2f}" for name, points in found.parts.items())
    told = f"  in part only: {', '.join(map(visible, found.in_part))}" if found.in_part else ""
    return f"{one.name[:12]:12} {found.score:6.2f} {found.band:8}  {parts}{told}"


def _stops(found: Assessment, limit: Band | None) -> str:
    """Why a gate stops a change; empty where it does not.

    A change that runs behind a flag already has what the gate is for. Where rules are not read
    whole, nobody knows what they would have asked for.
    """
    if limit is None:
        return ""
    if found.in_part:
        return "a policy of its base is not read whole"
    if found.verdict == "blocked":
        return "a rule of the team blocks it"
    bands = get_args(Band)
    is_let_through = found.verdict == "already-flagged" or bands.index(found.band) < bands.index(
        limit
    )
    return "" if is_let_through else f"it is {found.band}, and runs behind no flag"
