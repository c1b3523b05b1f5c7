"""The ledger from a shell: followed, delivered, checked as the server holds it, handed over."""

import hashlib
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.surface.cli.conftest import FLAG, Shell

PROJECT = Path(__file__).parents[3]
CHECK = re.search(
    r"^```python\n(.*?)^```", (PROJECT / "docs/ledger.md").read_text(), re.DOTALL | re.MULTILINE
)


@pytest.fixture
def used(shell: Shell) -> Shell:
    """A person who has scored, created, wrapped and rejected, with all of it delivered."""
    shell.json("score")
    plan = shell.plan()
    shell.json("reject", plan)
    assert shell.json("ledger", "flush")["status"] == "delivered"
    return shell


def sql(shell: Shell, statement: str, database: str = "flags.sqlite") -> None:
    """Do to a file what no route does."""
    path = shell.home / ".local/state/flagwright" / database
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute(statement)


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the script of the documents over exported lines, with nothing of ours in reach."""
    assert CHECK
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", CHECK[1], str(folder / "ledger.jsonl")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def actions(shell: Shell, *how: str) -> list[str]:
    return [entry["action"] for entry in shell.json("ledger", "show", *how)["entries"]]


@pytest.mark.parametrize("where", [(), ("--server",)])
def test_a_thing_is_followed(used: Shell, where: tuple[str, ...]) -> None:
    whole = json.loads(used.run("ledger", "show", "--json", *where).out)["entries"]
    plan = next(entry["plan"] for entry in whole if entry.get("plan"))
    day = whole[0]["at"][:10]

    assert actions(used, *where) == ["rejected", "proposed", "created", "scored"]
    assert actions(used, "--flag", FLAG, *where) == ["rejected", "proposed", "created"]
    assert actions(used, "--plan", plan, *where) == ["rejected", "proposed"]
    assert actions(used, "--person", "ADA", *where) == actions(used, *where)
    assert actions(used, "--person", "grace", *where) == []
    assert actions(used, "--day", day, *where) == actions(used, *where)
    assert actions(used, "--day", "2020-01-01", *where) == []
    assert actions(used, "--limit", "1", *where) == ["rejected"]


def test_a_change_is_followed_to_what_became_of_its_plans(used: Shell, tmp_path: Path) -> None:
    used.run("ledger", "export", str(tmp_path / "out"))
    lines = (tmp_path / "out/ledger.jsonl").read_text().splitlines()
    change = next(json.loads(line)["entry"]["change"] for line in lines)

    assert actions(used, "--change", change[:12]) == ["rejected", "proposed", "scored"]


def test_a_digest_that_is_none_is_refused(used: Shell) -> None:
    said = used.run("ledger", "show", "--change", "xyz", "--json")

    assert (said.code, said.answer["code"]) == (1, "bad-request")


def test_a_whole_ledger_passes(used: Shell) -> None:
    answer = used.json("ledger", "verify")

    assert answer["status"] == "whole"
    assert (answer["here"], answer["on_server"], answer["writers"], answer["owed"]) == (4, 4, 1, 0)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("DELETE FROM event WHERE id = (SELECT max(id) FROM event)", "missing"),
        (
            "INSERT INTO event (type, created_by, created_by_user_id, created_at, data, tags, flag,"
            " project) SELECT type, created_by, created_by_user_id, created_at, data, tags, flag,"
            " project FROM event WHERE type = 'feature-link-updated' LIMIT 1",
            "duplicated",
        ),
        (
            "UPDATE event SET id = id + 1000 WHERE id ="
            " (SELECT min(id) FROM event WHERE type = 'feature-link-updated')",
            "reordered",
        ),
        (
            "UPDATE event SET data = json_set(data, '$.url', 'https://flagwright.invalid/r/x#e30')"
            " WHERE id = (SELECT max(id) FROM event)",
            "forged",
        ),
    ],
)
def test_what_was_done_on_the_server_is_named(used: Shell, statement: str, kind: str) -> None:
    sql(used, statement)

    said = used.run("ledger", "verify", "--json")

    assert said.code == 1
    assert said.answer["status"] == "broken"
    assert any(line.startswith(kind) for line in said.answer["problems"])
    shown = used.run("ledger", "verify")
    assert (shown.code, kind in shown.out) == (1, True)


def test_what_was_done_here_is_named(used: Shell) -> None:
    sql(
        used, "UPDATE entry SET record = json_set(record, '$.score', 1.0) WHERE seq = 1", "state.db"
    )

    said = used.run("ledger", "verify", "--json")

    assert said.code == 1
    assert said.answer["problems"][0].startswith("altered: entry 1 of")


def test_the_evidence_can_be_checked_without_flagwright(used: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    answer = used.json("ledger", "export", str(folder))

    done = checked(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("Every chain is whole.\n")
    lines = (folder / "ledger.jsonl").read_text()
    digest = hashlib.sha256(lines.encode()).hexdigest()
    page = (folder / "ledger.html").read_text()
    assert answer["page"] == str(folder / "ledger.html")
    assert digest in page
    assert digest in done.stdout
    assert all(json.loads(line)["server"]["by"] == "admin" for line in lines.splitlines())
    for word in ("Scored", "Created", "Planned", "Rejected", FLAG, "(terminal)"):
        assert word in page
    assert "<script" not in page
    assert "http" not in page.replace("flagwright.invalid", "").replace("http-equiv", "")


def test_a_name_with_the_end_of_a_line_in_it_breaks_no_line_of_the_evidence(
    shell: Shell, tmp_path: Path
) -> None:
    (shell.folder / "one\u2028two\x85.py").write_text("x = 1\n")
    shell.json("score")

    shell.json("ledger", "export", str(tmp_path / "evidence"))

    assert checked(tmp_path / "evidence").stdout.endswith("Every chain is whole.\n")
    assert (tmp_path / "evidence/ledger.jsonl").read_bytes().isascii()


def test_evidence_that_was_changed_is_seen_without_flagwright(used: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    used.json("ledger", "export", str(folder))
    whole = (folder / "ledger.jsonl").read_text()

    for old, new, expected in (
        ('"outcome": "done"', '"outcome": "failed"', "altered"),
        (whole.splitlines(keepends=True)[1], "", "missing"),
        (whole.splitlines(keepends=True)[1], whole.splitlines(keepends=True)[1] * 2, "than once"),
    ):
        (folder / "ledger.jsonl").write_text(whole.replace(old, new, 1))
        done = checked(folder)
        assert (done.returncode, expected in done.stdout) == (1, True)


def test_evidence_is_never_written_over(used: Shell, tmp_path: Path) -> None:
    said = used.run("ledger", "export", str(tmp_path), "--json")

    assert (said.code, said.answer["code"]) == (1, "write-failed")


def test_what_cannot_be_delivered_is_said(shell: Shell) -> None:
    shell.environment |= {
        "FLAGWRIGHT_UNLEASH_URL": "http://127.0.0.1:9",
        "FLAGWRIGHT_UNLEASH_TOKEN": "user:nobody",
    }
    shell.json("score")

    said = shell.run("ledger", "flush", "--json")

    assert (said.code, said.answer["status"], said.answer["owed"]) == (4, "owed", 1)
    assert shell.run("ledger", "verify").code == 4
