"""This installation: its health, and the two servers."""

import secrets
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flagwright.errors import FlagwrightError
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go

if TYPE_CHECKING:
    from flagwright.surface.answers.installation import DoctorAnswer
    from flagwright.workbench.bench import Workbench


@group.cli.command()
@group.repo
@group.as_json
def doctor(repo: Path) -> None:
    """Check the flag server, its token, the repository, the policies and the prompts."""
    from flagwright.surface.answers.installation import examined
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> "DoctorAnswer":
        return examined(await bench.examine(repo), bench.words("terminal"))

    value = go.run(work)
    go.answer(value, show.doctor)
    sys.exit(go.DONE if value.status == "healthy" else go.REFUSED)


@group.cli.command("serve-flags")
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
        go.fail(error)


@group.cli.command()
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
@click.option(
    "--read-only",
    is_flag=True,
    help="Serve only tools that change nothing; what is recorded stays here, and owed.",
)
@click.option("--tools", "names", metavar="NAME,...", help="Serve these tools only.")
def serve(
    roots: tuple[Path, ...],
    port: int,
    token: str | None,
    names: str | None,
    *,
    http: bool,
    read_only: bool,
) -> None:
    """Serve the tools to an AI assistant over MCP."""
    from flagwright.assembly import open_workbench, prompts
    from flagwright.surface.assistant import serve_http, serve_stdio
    from flagwright.surface.tools import tools

    settings = go.settings()
    folders = roots or (Path.cwd(),)
    try:
        words = prompts(settings)
        served = tools((names or "").replace(",", " ").split(), read_only=read_only)
        opened = partial(open_workbench, settings, writes="refused" if read_only else "sent")
        if not http:
            serve_stdio(opened, folders, words, served)
            return
        if token is None:
            token = secrets.token_urlsafe(32)
            click.echo(f"Bearer token for this run: {token}", err=True)
        serve_http(opened, folders, words, served, port=port, token=token)
    except FlagwrightError as error:
        go.fail(error)


@group.cli.command()
@click.option("--keep", is_flag=True, help="Leave the demo's folder for a look around.")
def demo(*, keep: bool) -> None:
    """Run the main job on a small shop: score, flag, wrap, approve, apply, switch, retire."""
    from flagwright.surface.cli.demo import run_demo

    try:
        run_demo(keep=keep)
    except FlagwrightError as error:
        go.fail(error)
