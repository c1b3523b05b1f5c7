"""The guard before a release, in a fresh clone on another machine."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.installation import BEFORE, git
from tests.surface.cli.conftest import FLAG, Shell, soon


@contextmanager
def served(shell: Shell) -> Iterator[dict[str, str]]:
    """The person's flag server on a port, and what another machine needs to reach it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "flagwright", "serve-flags", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=shell.folder, env=shell.environment, stdout=subprocess.PIPE
    ) as process:
        token = (shell.home / ".local/state/flagwright/admin-token").read_text()
        address = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                httpx.get(f"{address}/health")
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        yield {"FLAGWRIGHT_UNLEASH_URL": address, "FLAGWRIGHT_UNLEASH_TOKEN": token}
        process.kill()


@pytest.fixture
def pipeline(shell: Shell, tmp_path: Path) -> Iterator[Any]:
    """Run the guard over everything since the first commit, in a clone that knows nothing."""
    shell.json("find")
    with served(shell) as server:

        def judged(code: int) -> dict[str, Any]:
            shell.json("ledger", "flush")
            git(shell.folder, "add", "-A")
            git(shell.folder, "commit", "-qm", "More")
            clone = tmp_path / "clone"
            subprocess.run(["rm", "-rf", clone], check=True)
            git(tmp_path, "clone", "-q", str(shell.folder), str(clone))
            home = tmp_path / "runner"
            home.mkdir(exist_ok=True)
            runner = Shell(clone, home)
            runner.environment |= server
            said = runner.run("verify", "--range", "HEAD~1..HEAD", "--repo", str(clone), "--json")
            assert said.code == code, said
            return said.answer

        yield judged


def approved(shell: Shell) -> str:
    plan = shell.plan()
    with shell.terminal("approve", plan) as terminal:
        terminal.type(f"{terminal.asks()}\n")
        assert terminal.ends() == 0, terminal.seen
    return plan


def only(answer: dict[str, Any]) -> dict[str, Any]:
    (flag,) = answer["flags"]
    assert flag["flag"] == FLAG
    return dict(flag)


def test_a_plan_that_was_approved_and_applied_may_be_released(shell: Shell, pipeline: Any) -> None:
    plan = approved(shell)
    shell.json("apply", plan)

    answer = pipeline(0)

    assert answer["status"] == "ready"
    assert only(answer)["found"] == "accounted"
    assert plan in only(answer)["because"]
    assert only(answer)["at"][0].startswith("pricing.py:")


def test_a_change_without_flag_checks_may_be_released(shell: Shell, pipeline: Any) -> None:
    assert pipeline(0)["flags"] == []


def check_by_hand(shell: Shell, flag: str = FLAG) -> None:
    text = f"from flags import client\n\nif client.is_enabled({flag!r}):\n    print('new')\n"
    (shell.folder / "pricing.py").write_text(text + BEFORE)


def test_a_check_of_a_flag_that_does_not_exist_stops(shell: Shell, pipeline: Any) -> None:
    check_by_hand(shell)

    assert only(pipeline(1))["found"] == "no-flag"


def test_a_check_by_hand_stops(shell: Shell, pipeline: Any) -> None:
    """A13: a flag check that no plan wrote."""
    shell.json("create", FLAG, "--description", "Discount", "--owner", "shop", "--expires", soon())
    check_by_hand(shell)

    answer = only(pipeline(1))

    assert (answer["found"], answer["ok"]) == ("no-plan", False)
    assert answer["because"] == "the flag server's ledger has no plan for it"


def test_a_plan_that_was_never_applied_stops(shell: Shell, pipeline: Any) -> None:
    """A13: applied by hand, without a record."""
    approved(shell)
    check_by_hand(shell)
    assert only(pipeline(1))["because"] == "its plan was approved, but never applied"


def test_what_was_undone_stops(shell: Shell, pipeline: Any) -> None:
    """A13: applied again by hand after it was undone."""
    plan = approved(shell)
    shell.json("apply", plan)
    wrapped = (shell.folder / "pricing.py").read_text()
    shell.json("undo", plan)
    (shell.folder / "pricing.py").write_text(wrapped)

    assert only(pipeline(1))["because"] == "its plan was undone"


def test_a_check_in_a_file_that_no_plan_wrote_stops(shell: Shell, pipeline: Any) -> None:
    """A13: the wrapper is copied to another file."""
    shell.json("apply", approved(shell))
    (shell.folder / "other.py").write_text(
        f"from flags import client\n\n\ndef other():\n    return client.is_enabled({FLAG!r})\n"
    )

    assert only(pipeline(1))["because"] == "no applied plan wrote other.py"


def test_the_change_as_it_was_staged_before_the_plan_stops(shell: Shell) -> None:
    git(shell.folder, "add", "-A")
    shell.json("apply", approved(shell))
    git(shell.folder, "commit", "-qm", "What was staged")
    shell.json("ledger", "flush")

    said = shell.run("verify", "--range", "HEAD~1..HEAD", "--repo", str(shell.folder), "--json")

    assert (said.code, said.answer["status"]) == (1, "stopped")
    assert (only(said.answer)["found"], only(said.answer)["at"]) == ("unflagged", ["pricing.py"])
    assert "git add" in said.answer["next_step"]


def test_an_unknown_range_is_told(shell: Shell) -> None:
    said = shell.run("verify", "--range", "nowhere..HEAD", "--repo", str(shell.folder), "--json")

    assert (said.code, said.answer["code"]) == (1, "unknown-revision")
    assert shell.run("verify", "--range", "HEAD").code == 2


@pytest.mark.parametrize(("owners", "code"), [("* @org/shop\n", 0), ("", 1)])
def test_a_plan_that_was_merged_through_codeowners_may_be_released(
    shell: Shell, tmp_path: Path, owners: str, code: int
) -> None:
    """Exported, never applied here; the owners are those from before the range (A11)."""
    (shell.folder / "CODEOWNERS").write_text(owners)
    git(shell.folder, "add", "CODEOWNERS")
    git(shell.folder, "commit", "-qm", "Owners")
    git(shell.folder, "config", "user.email", "ada@example.org")
    plan = shell.plan()

    exported = shell.json("plan", "export", plan, "--branch", "review/discount")

    assert f"Plan: {shell.json('plans', plan)['plans'][0]['plan']}" in exported["summary"]
    git(shell.folder, "checkout", "-q", "--", ".")
    git(shell.folder, "merge", "-q", "--no-ff", "-m", "Merge", "review/discount")
    with served(shell) as server:
        shell.json("ledger", "flush")
        clone = tmp_path / "merged"
        git(tmp_path, "clone", "-q", str(shell.folder), str(clone))
        (tmp_path / "runner").mkdir()
        runner = Shell(clone, tmp_path / "runner")
        runner.environment |= server
        said = runner.run("verify", "--range", "HEAD~1..HEAD", "--repo", str(clone), "--json")

    assert said.code == code, said
    verdict = only(said.answer)
    assert ("merged through CODEOWNERS" in verdict["because"]) == (code == 0)
