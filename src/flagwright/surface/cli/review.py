"""Open the review page, and show in this terminal the code that lets a person in."""

import os
import sys
import webbrowser
from typing import TYPE_CHECKING

import click

from flagwright.surface.cli import group
from flagwright.surface.cli import run as go

if TYPE_CHECKING:
    from flagwright.workbench.bench import Workbench


@group.cli.command()
@click.argument("plan_id", metavar="[PLAN]", required=False)
def review(plan_id: str | None) -> None:
    """Open the review page in the browser, for all plans or one PLAN.

    The page asks for a code that only this terminal shows. It is served until you end this
    command, or by an assistant's server where one serves it already.
    """
    from flagwright.surface.terminal import let_in

    async def work(bench: "Workbench") -> None:
        await let_in(bench, plan_id, browse)

    go.run(work)


def browse(address: str) -> None:
    """Open a browser with a window of its own, where this machine has a screen."""
    if sys.platform == "darwin" or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        webbrowser.open(address)
