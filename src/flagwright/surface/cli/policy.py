"""What a governance team does with its policies."""

import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from flagwright.errors import FlagwrightError
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go
from flagwright.surface.cli.bars import bars
from flagwright.surface.cli.since import Since

if TYPE_CHECKING:
    from flagwright.surface.answers import policy as answers
    from flagwright.workbench.bench import Workbench
    from flagwright.workbench.instead import Instead
    from flagwright.workbench.preview import Look

Command = TypeVar("Command", bound=Callable[..., Any])


def _holds_policies(_: click.Context, __: click.Parameter, folder: Path | None) -> Path | None:
    """The folder that holds `policies`, of which either may be named."""
    if folder is None:
        return None
    whole = folder.resolve()
    if (whole / "policies").is_dir():
        return whole
    if whole.name != "policies":
        raise click.BadParameter("name a folder called policies, or one that holds such a folder")
    return whole.parent


repositories = click.option(
    "--repo",
    "repos",
    multiple=True,
    default=(Path(),),
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A repository; repeatable. Default: this folder.",
)


def tries(command: Command) -> Command:
    """Give a command one `instead`: folders of policies that are tried."""
    folder = click.Path(exists=True, file_okay=False, path_type=Path)

    @click.option(
        "--policies",
        type=folder,
        callback=_holds_policies,
        help="A folder to try instead of the policies of your configuration.",
    )
    @click.option(
        "--organisation",
        type=folder,
        callback=_holds_policies,
        help="A folder to try instead of your organisation's commit, such as a clone.",
    )
    @wraps(command)
    def trying(policies: Path | None, organisation: Path | None, **given: Any) -> Any:
        from flagwright.workbench.instead import Instead

        return command(instead=Instead(policies, organisation), **given)

    return cast(Command, trying)


def looks_back(default: str) -> Callable[[Command], Command]:
    """Give a command one `look`: how far back, and under which edit of the policies."""

    def decorated(command: Command) -> Command:
        @click.option(
            "--since", type=Since(), default=default, show_default=True, help="2026-01-31 or 6m."
        )
        @click.option(
            "--newest",
            type=click.IntRange(min=1),
            default=1000,
            show_default=True,
            help="Most changes of each repository.",
        )
        @click.option(
            "--against",
            metavar="REV",
            help="Revision, digest or `shipped`: the policies that are compared with; HEAD.",
        )
        @tries
        @wraps(command)
        def looking(
            since: datetime, newest: int, against: str | None, instead: "Instead", **given: Any
        ) -> Any:
            from flagwright.workbench.preview import Look

            return command(look=Look(since, newest, against, instead), **given)

        return cast(Command, looking)

    return decorated


@group.cli.group()
def policy() -> None:
    """Check, try, explain and preview the policies."""


@policy.command("lint")
@group.repo
@tries
@group.as_json
def lint(repo: Path, instead: "Instead") -> None:
    """Name every mistake of every policy, with its line and the way out.

    A repository's policies are read from its work tree; those at the top of a clone of an
    organisation's repository stand for its commit, as with --organisation.
    """
    from flagwright.assembly import lint as look
    from flagwright.surface.cli import show_lint
    from flagwright.surface.linted import linted

    instead = instead.with_clone(repo)
    try:
        found, words = look(go.settings(), repo, instead)
    except FlagwrightError as error:
        go.fail(error)
    answer = linted(found, words, tried=tuple(map(str, filter(None, instead))))
    go.answer(answer, show_lint.lint)
    sys.exit(go.DONE if answer.status == "valid" else go.REFUSED)


@policy.command("test")
@group.repo
@tries
@group.as_json
def test(repo: Path, instead: "Instead") -> None:
    """Run the examples of every rule, and the cases in policies/tests/*.toml.

    Both those of the repository's work tree and those of your configuration; in a clone of an
    organisation's repository, those at its top.
    """
    from flagwright.surface.answers import policy as answers
    from flagwright.surface.cli import show_policy

    async def work(bench: "Workbench") -> "answers.TrialAnswer":
        found = await bench.policy.test(repo, instead.with_clone(repo))
        return answers.tried(found, bench.words("terminal"))

    answer = go.run(work)
    go.answer(answer, show_policy.trial)
    sys.exit(go.REFUSED if answer.status == "failed" else go.DONE)


@policy.command("explain")
@click.argument("what")
@group.as_json
def explain(what: str) -> None:
    """Say why a plan, an entry of the ledger or a score is as it is.

    WHAT is the id of a plan, the number of an entry of the ledger, or the digest of a change;
    the first digits of an id or digest will do.
    """
    from flagwright.surface.answers import policy as answers
    from flagwright.surface.cli import show_policy

    async def work(bench: "Workbench") -> "answers.ExplainAnswer":
        return answers.explained(await bench.policy.explain(what), bench.words("terminal"))

    go.answer(go.run(work), show_policy.explanation)


@policy.command("diff")
@click.argument("one")
@click.argument("other", required=False)
@group.repo
@tries
@group.as_json
def diff(one: str, other: str | None, repo: Path, instead: "Instead") -> None:
    """Say what differs in meaning between two sets of policies.

    ONE and OTHER are revisions of the repository, digests of policies that were used, or
    `shipped`. Without OTHER, the work tree and the folders to try.
    """
    from flagwright.surface.answers import policy as answers
    from flagwright.surface.cli import show_policy

    async def work(bench: "Workbench") -> "answers.DifferenceAnswer":
        found = await bench.policy.difference(one, other, repo, instead)
        return answers.differing(found, bench.words("terminal"))

    go.answer(go.run(work), show_policy.differences)


@policy.command("show")
@click.option("--digest", help="As in a result or an entry; 8 digits will do.")
@click.option(
    "--layer",
    "layers",
    multiple=True,
    type=click.Choice(["shipped", "organisation", "own", "repository"]),
    help="Of this layer alone; repeatable.",
)
@group.repo
@group.as_json
def show_used(digest: str | None, layers: tuple[str, ...], repo: Path) -> None:
    """Show which policies are in force, layer by layer, or whole those of a --digest.

    A file of your organisation is named with its commit.
    """
    from flagwright.surface.answers import policy as answers
    from flagwright.surface.cli import show_policy

    async def work(bench: "Workbench") -> "answers.UsedAnswer":
        words = bench.words("terminal")
        if digest:
            return answers.kept(await bench.policy.shown(digest), words, layers)
        found = await bench.policy.in_force(repo)
        return answers.kept(found, words, layers, schemas=bench.policy.schemas())

    show = show_policy.used if digest else show_policy.layers
    go.answer(go.run(work), show)


@policy.command("preview")
@repositories
@looks_back("30d")
@click.option("--all", "whole", is_flag=True, help="With --json: every change, moved or not.")
@click.option(
    "--markdown",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write it as the body of a comment on a code host, too.",
)
@group.as_json
def preview(repos: tuple[Path, ...], look: "Look", markdown: Path | None, *, whole: bool) -> None:
    """Say what an edit of the policies would have done to past changes.

    The edit is what the work tree's .flagwright/policies say, and the folders to try; it is
    compared with the policies of a revision, your configuration and your organisation.
    """
    from flagwright.surface.answers import policy as answers
    from flagwright.surface.cli import show_policy

    async def work(bench: "Workbench") -> "answers.PreviewAnswer":
        with bars() as progress:
            found = await bench.policy.preview(repos, look, progress)
        return answers.previewed(found, bench.words("terminal"), whole=whole and go.is_json())

    answer = go.run(work)
    if markdown:
        from flagwright.surface.cli.markdown import preview as written

        markdown.write_text(written(answer), encoding="utf-8")
    go.answer(answer, show_policy.preview)
