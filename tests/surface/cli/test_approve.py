"""Only what is typed at a terminal, in the foreground, approves; and it shows what it approves."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import AFTER
from tests.surface.cli.conftest import ASKED, READ_IT, Shell, Terminal

APPROVE = f"{sys.executable} -m flagwright approve"


def newest(shell: Shell, plan: str) -> dict[str, str]:
    entry: dict[str, str] = shell.json("ledger", "--plan", plan)["entries"][0]
    return entry


def state(shell: Shell, plan: str) -> str:
    found: str = shell.json("plans", plan)["plans"][0]["state"]
    return found


def test_the_code_that_the_terminal_shows_approves_what_it_shows(shell: Shell) -> None:
    plan = shell.plan()
    with shell.terminal("approve", plan, "--note", "looks right") as terminal:
        code = terminal.asks()
        terminal.type(f" {code.lower()} \n")
        status = terminal.ends()

    assert status == 0
    assert state(shell, plan) == "approved"
    for shown in (f"Plan {plan}", "pricing.py", "release.shop.discount", "Proved:", "Risk:"):
        assert shown in terminal.seen
    assert "it asks without a user" in terminal.seen
    assert (shell.folder / "pricing.py").read_text() == AFTER
    assert shell.run("apply", plan).code == 0


def test_a_plan_is_read_approved_and_written_by_one_command(shell: Shell) -> None:
    plan = shell.plan()
    with shell.terminal("approve", plan, "--apply") as terminal:  # first: run it
        code = terminal.asks()  # second: Enter
        terminal.type(f"{code}\n")  # third: the code
        status = terminal.ends()

    assert (status, state(shell, plan)) == (0, "applied")
    assert "is_enabled" in (shell.folder / "pricing.py").read_text()


def test_nobody_reads_a_plan_whose_file_has_changed_since(shell: Shell) -> None:
    plan = shell.plan()
    (shell.folder / "pricing.py").write_text(f"{AFTER}# edited\n")

    with shell.terminal("approve", plan) as terminal:
        assert terminal.ends() == 1

    assert f"pricing.py changed since plan {plan} was made" in " ".join(terminal.seen.split())
    assert "Proved:" not in terminal.seen
    assert state(shell, plan) == "proposed"


def test_what_was_edited_since_it_was_written_is_not_undone(shell: Shell) -> None:
    plan = shell.plan()
    with shell.terminal("approve", plan, "--apply") as terminal:
        code = terminal.asks()
        terminal.type(f"{code}\n")
        terminal.ends()
    file = shell.folder / "pricing.py"
    file.write_text(f"{file.read_text()}# edited\n")

    refused = shell.run("undo", plan)

    assert refused.code == 1
    assert f"pricing.py changed since plan {plan} was applied." in refused.err
    assert "Take back what was edited there since, then undo" in refused.err
    assert file.read_text().endswith("# edited\n")


def test_a_plan_longer_than_the_window_says_where_to_read_it(shell: Shell) -> None:
    more = "".join(f"    goods = goods + {number}\n" for number in range(30))
    changed = AFTER.replace("    discount =", f"{more}    discount =")
    (shell.folder / "pricing.py").write_text(changed)
    plan = shell.plan()

    with shell.terminal("approve", plan) as terminal:
        terminal.asks()
        terminal.type("\x04")
        terminal.ends()

    said = " ".join(terminal.seen.split())
    assert f"flagwright plans {plan} | less" in said
    assert f"flagwright review {plan}" in said


@pytest.mark.parametrize(
    ("typed", "status"),
    [("\n", 1), ("\x04", 1), ("\x03", 1), ("AAAAAA\n", 1), ("y\n", 1), ("yes\n", 1)],
    ids=["empty", "end", "interrupt", "wrong", "y", "yes"],
)
def test_anything_else_leaves_the_plan_undecided(
    waiting: tuple[Shell, str], typed: str, status: int
) -> None:
    shell, plan = waiting
    with shell.terminal("approve", plan) as terminal:
        terminal.asks()
        terminal.type(typed)
        assert terminal.ends() == status

    assert state(shell, plan) == "proposed"
    if typed != "\x03":
        entry = newest(shell, plan)
        assert (entry["action"], entry["code"]) == ("approved", "approval-refused")


@pytest.mark.parametrize("typed", ["no\n", "\x04", "AAAAAA\n"], ids=["no", "end", "guess"])
def test_the_code_is_made_once_the_plan_has_been_read(
    waiting: tuple[Shell, str], typed: str
) -> None:
    shell, plan = waiting
    with shell.terminal("approve", plan) as terminal:
        terminal.shows(READ_IT)
        terminal.type(typed)
        assert terminal.ends() == 1

    assert not ASKED.search(terminal.seen)
    assert state(shell, plan) == "proposed"
    assert newest(shell, plan)["code"] == "approval-refused"


def test_a_plan_that_nobody_can_approve_is_not_shown(shell: Shell) -> None:
    plan = shell.plan()
    shell.json("reject", plan)

    for asked, code in ((plan, "plan-used"), ("0123456789ab", "plan-unknown")):
        with shell.terminal("approve", asked) as terminal:
            assert terminal.ends() == 1
        assert code in terminal.seen
        assert "pricing.py" not in terminal.seen
    assert newest(shell, plan)["code"] == "plan-used"


@pytest.mark.parametrize("stdin", [subprocess.DEVNULL, "ABCDEF\n"], ids=["null", "piped"])
def test_a_process_without_a_terminal_cannot_approve(
    waiting: tuple[Shell, str], stdin: int | str
) -> None:
    """A7: standard input is piped in, or closed."""
    shell, plan = waiting
    given = {"input": stdin} if isinstance(stdin, str) else {"stdin": stdin}

    said = shell.process("approve", plan, "--json", **given)

    assert (said.code, said.answer["code"]) == (1, "approval-refused")
    assert newest(shell, plan)["code"] == "approval-refused"
    assert state(shell, plan) == "proposed"


def finished(shell: Shell, script: str) -> Terminal:
    """Run a shell script in a terminal to its end."""
    with shell.typed_in(["bash", "-c", script]) as terminal:
        terminal.ends()
        return terminal


def test_a_process_in_the_background_cannot_approve(waiting: tuple[Shell, str]) -> None:
    """A7: a job in the background of the person's terminal."""
    shell, plan = waiting

    terminal = finished(shell, f"set -m; {APPROVE} {plan} & wait")

    assert "not in the foreground" in " ".join(terminal.seen.split())
    assert state(shell, plan) == "proposed"


def test_a_session_of_its_own_has_no_terminal_to_approve_in(waiting: tuple[Shell, str]) -> None:
    """A7: setsid."""
    shell, plan = waiting

    terminal = finished(shell, f"setsid --wait {APPROVE} {plan}")

    assert "approval-refused" in terminal.seen
    assert state(shell, plan) == "proposed"


def test_the_code_stands_in_the_terminal_and_in_no_output(
    waiting: tuple[Shell, str], tmp_path: Path
) -> None:
    shell, plan = waiting
    out = tmp_path / "out"
    with shell.typed_in(["bash", "-c", f"{APPROVE} {plan} > {out} 2>&1"]) as terminal:
        code = terminal.asks()
        terminal.type("\n")
        terminal.ends()

    assert code not in out.read_text()
    files = [path for path in shell.home.rglob("*") if path.is_file()]
    assert not [path for path in files if code.encode() in path.read_bytes()]


def test_what_would_hide_in_a_patch_is_made_visible(shell: Shell) -> None:
    """A10: control and bidi characters in a patch."""
    hidden = "# \u202edevorppa\u202c \x1b[2J\x1b]0;approved\x07 \u200b"
    changed = AFTER.replace("    discount =", f"    {hidden}\n    discount =")
    (shell.folder / "pricing.py").write_text(changed)
    plan = shell.plan()

    with shell.terminal("approve", plan) as terminal:
        terminal.asks()
        terminal.type("\n")
        terminal.ends()
    listed = shell.run("plans", plan).out

    for shown in (terminal.seen, listed):
        assert "devorppa" in shown
        assert not [each for each in ("\u202e", "\u202c", "\u200b", "\x1b[2J", "\x1b]", "\x07")
                    if each in shown]  # fmt: skip


def test_secrets_are_masked_and_a_rejection_by_command_names_no_tier(shell: Shell) -> None:
    secret = "hunter2-hunter2"
    (shell.folder / "pricing.py").write_text(f'{AFTER}\n\nPASSWORD = "{secret}"\n')
    plan = shell.plan()

    shown = shell.run("plans", plan).out

    assert "Masked here, as they look like secrets: 1" in " ".join(shown.split())
    assert "PASSWORD" in shown
    assert secret not in shown
    assert shell.json("reject", plan)["message"] == f"Plan {plan} is rejected by ada."
    assert newest(shell, plan)["by"] == "ada (terminal)"


def test_nobody_is_asked_to_sign_in_to_the_embedded_server(waiting: tuple[Shell, str]) -> None:
    shell, plan = waiting

    terminal = finished(shell, f"{APPROVE} {plan} --attest")

    assert "knows one user only" in " ".join(terminal.seen.split())
    assert "(it is not shown)" not in terminal.seen
    assert state(shell, plan) == "proposed"


@pytest.mark.parametrize("stdin", [subprocess.DEVNULL, "user:00\n"], ids=["null", "piped"])
def test_a_token_that_is_piped_in_signs_nobody_in(
    waiting: tuple[Shell, str], stdin: int | str
) -> None:
    """A7: `--attest` takes a token from the terminal only."""
    shell, plan = waiting
    given = {"input": stdin} if isinstance(stdin, str) else {"stdin": stdin}

    said = shell.process("approve", plan, "--attest", "--json", **given)

    assert (said.code, said.answer["code"]) == (1, "approval-refused")
