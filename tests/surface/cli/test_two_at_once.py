"""Two assistants, two terminals, one repository: one wins, the other is stale, nothing is lost."""

from concurrent.futures import ThreadPoolExecutor

from tests.installation import AFTER
from tests.surface.cli.conftest import FLAG, Shell, soon

OTHER = "release.shop.rebate"


def approved(shell: Shell, flag: str) -> str:
    """A plan for the change in the work tree, approved in a terminal."""
    shell.json("create", flag, "--description", "Rebate", "--owner", "shop", "--expires", soon())
    plan: str = shell.json("wrap", flag)["plan"]
    with shell.terminal("approve", plan) as terminal:
        terminal.type(f"{terminal.asks()}\n")
        assert terminal.ends() == 0
    return plan


def test_of_two_plans_for_one_file_that_are_applied_at_once_one_is_stale(shell: Shell) -> None:
    """F3: two processes, each with an approval of its own."""
    plans = {flag: approved(shell, flag) for flag in (FLAG, OTHER)}

    with ThreadPoolExecutor(2) as both:
        said = dict(
            zip(
                plans,
                both.map(lambda plan: shell.process("apply", plan, "--json"), plans.values()),
                strict=True,
            )
        )

    by_code = {done.code: flag for flag, done in said.items()}
    assert sorted(by_code) == [0, 1], said
    winner, loser = by_code[0], by_code[1]
    assert said[loser].answer["code"] == "plan-stale"
    text = (shell.folder / "pricing.py").read_text()
    assert f'is_enabled("{winner}")' in text
    assert loser not in text
    assert shell.json("plans", plans[loser])["plans"][0]["state"] == "approved"

    shell.json("undo", plans[winner])
    assert (shell.folder / "pricing.py").read_text() == AFTER
