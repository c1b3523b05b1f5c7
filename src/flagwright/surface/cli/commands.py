"""Every command, thin: read the options, take one step, show its answer.

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 waiting for a person's approval (or
rejected), 4 the flag server did not answer as it should.
"""

import secrets
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from flagwright.core.records import Convention, FlagSpec, FlagType
from flagwright.errors import FlagwrightError
from flagwright.surface import answers
from flagwright.surface.cli import run as go

if TYPE_CHECKING:
    from flagwright.workbench import Workbench

as_json = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
repo = click.option(
    "--repo",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    show_default="this folder",
    help="Folder in the repository.",
)
revisions = click.argument("revisions", required=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flagwright")
def cli() -> None:
    """Score a change, put it behind a feature flag with a proof, take the flag out again.

    Exit codes: 0 done, 1 refused, 2 wrong usage, 3 waiting for approval or rejected,
    4 flag server.
    """


@cli.command()
@revisions
@repo
@click.option(
    "--diff", type=click.File("r"), help="Score a unified diff instead; - reads it from stdin."
)
@click.option("--detail", is_flag=True, help="List every finding.")
@as_json
def score(revisions: str | None, repo: Path, diff: Any, *, detail: bool, as_json: bool) -> None:
    """Score the risk of a change, from 0 to 100, point by point.

    REVISIONS is a revision or a range A..B. Without it, the work tree is compared with HEAD;
    where that is clean, the branch with its merge base with the default branch.
    """
    from flagwright.surface.cli import show

    text = diff.read() if diff else None

    async def work(bench: "Workbench") -> answers.ScoreAnswer:
        assessment = await bench.score(repo, revisions=revisions, diff=text, actor=go.ACTOR)
        return answers.scored(assessment, bench.words("terminal"), detail=detail or not as_json)

    go.answer(go.run(work, as_json=as_json), show.score, as_json=as_json)


@cli.command()
@click.argument("name")
@click.option("--type", "kind", type=click.Choice(get_args(FlagType)), default="release")
@click.option("--description", default="", help="What it switches.")
@click.option("--owner", help="Team or person who answers for it.")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Day by which it should go.",
)
@as_json
def create(
    name: str, kind: FlagType, description: str, owner: str | None, expires: Any, *, as_json: bool
) -> None:
    """Create a feature flag, off in every environment."""
    from flagwright.surface.cli import show

    expires_on: date | None = expires.date() if expires else None

    async def work(bench: "Workbench") -> answers.CreateAnswer:
        spec = FlagSpec(
            name=name,
            type=kind,
            project=bench.project,
            description=description,
            owner=owner,
            expires_on=expires_on,
        )
        flag, new = await bench.create(spec, actor=go.ACTOR)
        return answers.created(flag, bench.words("terminal"), new=new)

    go.answer(go.run(work, as_json=as_json), show.flag, as_json=as_json)


@cli.command()
@click.argument("words", nargs=-1)
@click.option("--like", help="Flags with a name like this one.")
@click.option("--archived", is_flag=True, help="Archived flags instead of living ones.")
@as_json
def find(words: tuple[str, ...], like: str | None, *, archived: bool, as_json: bool) -> None:
    """List the project's flags, or those that all the WORDS describe."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.FindAnswer:
        found = await bench.find(" ".join(words), like=like, archived=archived, actor=go.ACTOR)
        return answers.found(found.flags, found.total, bench.words("terminal"))

    go.answer(go.run(work, as_json=as_json), show.flags, as_json=as_json)


@cli.command()
@click.argument("flag")
@revisions
@repo
@click.option("--import", "import_line", help="How to import the flag client, one line.")
@click.option("--check", help="How to ask for the flag: an expression with {flag} in it.")
@as_json
def wrap(
    flag: str,
    revisions: str | None,
    repo: Path,
    import_line: str | None,
    check: str | None,
    *,
    as_json: bool,
) -> None:
    """Plan to put a change behind a FLAG that exists. Writes no file."""
    from flagwright.surface.cli import show

    if import_line and not check:
        raise click.UsageError("--import goes with --check")
    given = Convention(import_line=import_line or "", check=check) if check else None

    async def work(bench: "Workbench") -> answers.PlanAnswer:
        proposal = await bench.wrap(
            repo, flag, revisions=revisions, convention=given, actor=go.ACTOR
        )
        return answers.planned("wrap", proposal, bench.words("terminal"))

    go.answer(go.run(work, as_json=as_json), show.proposal, as_json=as_json)


@cli.command()
@click.argument("flag")
@click.option("--keep", type=click.Choice(["on", "off"]), required=True, help="Side that stays.")
@repo
@as_json
def retire(flag: str, keep: Literal["on", "off"], repo: Path, *, as_json: bool) -> None:
    """Plan to take a FLAG out of the repository's Python files. Writes no file."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.PlanAnswer:
        proposal = await bench.retire(repo, flag, keep, actor=go.ACTOR)
        return answers.planned("retire", proposal, bench.words("terminal"))

    go.answer(go.run(work, as_json=as_json), show.proposal, as_json=as_json)


@cli.command()
@click.argument("plan_id", metavar="[PLAN]", required=False)
@as_json
def plans(plan_id: str | None, *, as_json: bool) -> None:
    """List the plans of this installation, newest first, or show one PLAN whole."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.PlansAnswer:
        rows = [await bench.plans.one(plan_id)] if plan_id else await bench.plans.all()
        if plan_id and not as_json:
            show.review(rows[0][0], show.console())
        return answers.listed(rows, bench.words("terminal"))

    go.answer(go.run(work, as_json=as_json), show.plans, as_json=as_json)


@cli.command()
@click.argument("plan_id", metavar="PLAN")
@click.option("--note", default="", help="Reason, kept with the decision.")
@as_json
def approve(plan_id: str, note: str, *, as_json: bool) -> None:
    """Review a PLAN in this terminal and approve it by typing the code shown there."""
    from flagwright.surface.cli import show
    from flagwright.surface.terminal import approve_in_terminal

    async def work(bench: "Workbench") -> answers.DecisionAnswer:
        plan, decision = await approve_in_terminal(bench, plan_id, note=note)
        return answers.decided(plan, decision, bench.words("terminal"))

    go.answer(go.run(work, as_json=as_json), show.decision, as_json=as_json)


@cli.command()
@click.argument("plan_id", metavar="PLAN")
@click.option("--note", default="", help="Reason, kept with the decision.")
@as_json
def reject(plan_id: str, note: str, *, as_json: bool) -> None:
    """Reject a PLAN: it can never be applied."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.DecisionAnswer:
        plan, _ = await bench.plans.one(plan_id)
        decision = await bench.plans.decide(
            plan.id, "rejected", tier="out-of-band", note=note, actor=go.ACTOR
        )
        return answers.decided(plan, decision, bench.words("terminal"))

    go.answer(go.run(work, as_json=as_json), show.decision, as_json=as_json)


@cli.command()
@click.argument("plan_id", metavar="PLAN")
@as_json
def apply(plan_id: str, *, as_json: bool) -> None:
    """Write the files of an approved PLAN, all or none."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.ApplyAnswer:
        result = await bench.plans.apply(plan_id, actor=go.ACTOR)
        return answers.applied(result.plan, result.status, bench.words("terminal"))

    value = go.run(work, as_json=as_json)
    go.answer(value, show.applied, as_json=as_json)
    sys.exit(go.DONE if value.status == "applied" else go.WAITING)


@cli.command()
@click.argument("plan_id", metavar="PLAN")
@as_json
def undo(plan_id: str, *, as_json: bool) -> None:
    """Put back the files as they were before a PLAN was applied."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.UndoAnswer:
        return answers.undone(
            await bench.plans.undo(plan_id, actor=go.ACTOR), bench.words("terminal")
        )

    go.answer(go.run(work, as_json=as_json), show.undone, as_json=as_json)


@cli.command()
@click.option("--flag", help="Entries about this flag.")
@click.option("--plan", help="Entries about this plan.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--server", is_flag=True, help="As the flag server holds them.")
@as_json
def ledger(flag: str | None, plan: str | None, limit: int, *, server: bool, as_json: bool) -> None:
    """Show what was recorded, delivered and is still owed to the flag server."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.LedgerAnswer:
        await bench.deliver(deadline_s=10)
        if server:
            held = await bench.ledger_on_server(flag, limit=limit)
            return answers.ledger_on_server(held, bench.words("terminal"))
        page = await bench.ledger(flag=flag, plan=plan, limit=limit)
        return answers.ledger(page, bench.words("terminal"))

    go.answer(go.run(work, as_json=as_json), show.ledger, as_json=as_json)


@cli.command()
@repo
@as_json
def doctor(repo: Path, *, as_json: bool) -> None:
    """Check the flag server, its token, the repository and the policies."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.DoctorAnswer:
        return answers.examined(await bench.examine(repo), bench.words("terminal"))

    value = go.run(work, as_json=as_json)
    go.answer(value, show.doctor, as_json=as_json)
    sys.exit(go.DONE if value.status == "healthy" else go.REFUSED)


@cli.command("serve-flags")
@click.option("--port", type=click.IntRange(1024, 65535), default=4242, show_default=True)
def serve_flags(port: int) -> None:
    """Serve the embedded flag server on 127.0.0.1, for an application's own client."""
    from flagwright.assembly import serve_flags as serve_embedded

    def announce(client_token: str) -> None:
        click.echo(f"UNLEASH_URL=http://127.0.0.1:{port}/api")
        click.echo(f"UNLEASH_API_TOKEN={client_token}")
        sys.stdout.flush()

    try:
        serve_embedded(go.settings(), port, announce)
    except FlagwrightError as error:
        go.fail(error, as_json=False)


@cli.group()
def policy() -> None:
    """Check the policies that are in force."""


@policy.command("lint")
@as_json
def lint(*, as_json: bool) -> None:
    """Load every policy: its shape, its patterns and its own examples."""
    _policies(as_json=as_json)


@policy.command("test")
@as_json
def test(*, as_json: bool) -> None:
    """Run the examples that every policy carries."""
    _policies(as_json=as_json)


def _policies(*, as_json: bool) -> None:
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.PoliciesAnswer:
        return answers.policies(bench.policies(), bench.words("terminal"))

    value = go.run(work, as_json=as_json)
    go.answer(value, show.policies, as_json=as_json)
    sys.exit(go.DONE if value.status == "valid" else go.REFUSED)


@cli.command()
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder that tools may work in; repeatable. Default: this folder.",
)
@click.option("--http", is_flag=True, help="Serve HTTP on 127.0.0.1 instead of stdio.")
@click.option("--port", type=click.IntRange(1024, 65535), default=8765, show_default=True)
@click.option(
    "--token",
    envvar="FLAGWRIGHT_HTTP_TOKEN",
    help="Bearer token for HTTP; from FLAGWRIGHT_HTTP_TOKEN, else made up and shown.",
)
def serve(roots: tuple[Path, ...], port: int, token: str | None, *, http: bool) -> None:
    """Serve the tools to an AI assistant over MCP."""
    from flagwright.assembly import open_workbench, prompts
    from flagwright.surface.assistant import serve_http, serve_stdio

    settings = go.settings()
    folders = roots or (Path.cwd(),)
    try:
        words = prompts(settings)
        if not http:
            serve_stdio(lambda: open_workbench(settings), folders, words)
            return
        if token is None:
            token = secrets.token_urlsafe(32)
            click.echo(f"Bearer token for this run: {token}", err=True)
        serve_http(lambda: open_workbench(settings), folders, words, port=port, token=token)
    except FlagwrightError as error:
        go.fail(error, as_json=False)


@cli.command()
@click.option("--keep", is_flag=True, help="Leave the demo's folder for a look around.")
def demo(*, keep: bool) -> None:
    """Run the main job on a small shop: score, flag, wrap, approve, apply, switch, retire."""
    from flagwright.surface.cli.demo import run_demo

    try:
        run_demo(keep=keep)
    except FlagwrightError as error:
        go.fail(error, as_json=False)
