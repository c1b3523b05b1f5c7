"""The group of all commands, and the options that several of them take.

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 waiting for a person's approval (or
rejected), 4 the flag server did not answer as it should.
"""

from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click

as_json = click.option(
    "--json",
    is_flag=True,
    expose_value=False,
    callback=lambda context, _, value: context.meta.update(as_json=value),
    help="Print the answer as JSON.",
)
measure = click.option(
    "--measure",
    is_flag=True,
    help="Wait until an application sees it; FLAGWRIGHT_SDK_TOKEN is its client token.",
)
dry_run = click.option(
    "--dry-run", is_flag=True, help="Check everything, show the exact requests, and send none."
)
repo = click.option(
    "--repo",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    show_default="this folder",
    help="Folder in the repository.",
)
revisions = click.argument("revisions", required=False)
plan = click.argument("plan_id", metavar="PLAN")
note = click.option("--note", default="", help="Reason, kept with the decision.")


MODULES: dict[str, tuple[str, ...]] = {
    "change": ("retire", "wrap"),
    "decision": ("apply", "approve", "plan", "plans", "reject", "undo"),
    "flags": ("create", "find", "flag", "rollout", "stale", "switch"),
    "installation": ("demo", "doctor", "serve", "serve-flags"),
    "ledger": ("ledger",),
    "policy": ("policy",),
    "policy_init": ("policy",),
    "prompts": ("prompts",),
    "release": ("verify",),
    "report": ("report",),
    "review": ("review",),
    "risk": ("risk",),
    "score": ("score",),
}
"""Whose commands are where, or whose group is added to."""


class Commands(click.Group):
    """Imports a command when it is named: a hook need not wait for all the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, without an import."""
        return sorted({name for names in MODULES.values() for name in names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, once what it is made of is there."""
        for module, names in MODULES.items():
            if cmd_name in names:
                import_module(f"flagwright.surface.cli.{module}")
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flagwright")
def cli() -> None:
    """Score a change, put it behind a feature flag with a proof, take the flag out again.

    Exit codes: 0 done, 1 refused, 2 wrong usage, 3 waiting for approval or rejected,
    4 flag server.
    """
    try:
        Path.cwd()
    except FileNotFoundError:
        _refuse_a_folder_that_is_gone()


def _refuse_a_folder_that_is_gone() -> NoReturn:
    from flagwright.errors import NotARepository
    from flagwright.surface.cli.run import fail

    fact = "The folder that this was started in is not there any more."
    fail(NotARepository(fact, next_step="Go to one that is there, and run it again."))
