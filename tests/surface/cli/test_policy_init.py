"""A team begins with policies that load, and that its own past wrote."""

from pathlib import Path

import pytest

from tests.installation import git
from tests.surface.cli.conftest import FLAG, Shell, soon

FILES = {
    "billing/invoice.py": "def total(x):\n    return x\n",
    "features.py": "def on(client):\n"
    + "".join(
        f'    if client.is_enabled("{name}"):\n        return {n}\n'
        for n, name in enumerate(("new_cart", "old_mail", "wish_list"))
    ),
    "CODEOWNERS": "* @all\n/billing/ @shop/money\n",
}
NAMES = (".flagwright/policies/naming.toml", ".flagwright/policies/rules.toml")


@pytest.fixture
def team(shell: Shell) -> Shell:
    for name, text in FILES.items():
        (shell.folder / name).parent.mkdir(exist_ok=True)
        (shell.folder / name).write_text(text)
    (shell.folder / "mail.py").unlink()
    git(shell.folder, "add", "-A")
    git(shell.folder, "commit", "-qm", "Bill")
    return shell


def test_a_first_policy_passes_lint_and_test_at_once(team: Shell) -> None:
    proposed = team.json("policy", "init", "--dry-run")
    there_before = (team.folder / ".flagwright").exists()
    written = team.json("policy", "init")

    assert not there_before
    assert [file["path"] for file in written["files"]] == [*NAMES]
    assert written["files"] == proposed["files"]
    lint = team.json("policy", "lint")
    assert not [problem for problem in lint["problems"] if problem["level"] == "error"]
    rules = {one["rule"] for one in team.json("policy", "test")["coverage"]}
    assert {"money", "owned-files"} <= rules
    text = (team.folder / NAMES[1]).read_text()
    assert 'owner = "@shop/money"' in text
    assert "No thresholds are proposed" in written["notes"][0]
    names = (team.folder / NAMES[0]).read_text()
    assert "# pattern = '[a-z0-9]+(_[a-z0-9]+)*'" in names
    assert str(team.folder.parent) not in names + text


def test_in_ones_own_configuration_the_pattern_counts(team: Shell) -> None:
    team.json("policy", "init", "--own")

    named = team.run("create", "release.shop.x", "--description", "d", "--json")

    assert named.answer["code"] == "name-refused"
    assert "[a-z0-9]+(_[a-z0-9]+)*" in named.answer["message"]
    assert (team.home / ".config" / "flagwright" / "policies" / "naming.toml").exists()
    assert team.json("policy", "lint")["status"] == "valid"


@pytest.mark.parametrize("link", [False, True])
def test_nothing_is_overwritten_or_written_through_a_link(
    team: Shell, tmp_path: Path, *, link: bool
) -> None:
    elsewhere = tmp_path / "elsewhere"
    if link:
        elsewhere.mkdir()
        (team.folder / ".flagwright").symlink_to(elsewhere)
    else:
        (team.folder / NAMES[1]).parent.mkdir(parents=True)
        (team.folder / NAMES[1]).write_text("# ours\n")

    said = team.run("policy", "init", "--json")

    assert said.answer["code"] == ("outside-root" if link else "write-failed")
    if link:
        assert [*elsewhere.iterdir()] == []
    else:
        assert (team.folder / NAMES[1]).read_text() == "# ours\n"
        assert not (team.folder / NAMES[0]).exists()


def test_where_nothing_is_there_nothing_is_written(shell: Shell, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")

    said = shell.json("policy", "init", "--repo", str(empty))

    assert (said["status"], said["files"]) == ("nothing", [])
    assert "has no commit yet" in said["notes"][0]
    assert not (empty / ".flagwright").exists()


def test_a_proposal_goes_by_the_names_of_its_repository_and_tells_of_files_that_are_there(
    team: Shell,
) -> None:
    shell = team
    for name in (FLAG, "release.mail.of-another-repository"):
        shell.json("create", name, "--description", "d", "--owner", "shop", "--expires", soon())
    asks = f'from flags import client\n\n\ndef on():\n    return client.is_enabled("{FLAG}")\n'
    (shell.folder / "asks.py").write_text(asks)
    git(shell.folder, "add", "asks.py")
    at = ("--repo", str(shell.folder), "--dry-run")
    before = shell.json("policy", "init", *at)
    naming = shell.folder / ".flagwright" / "policies" / "naming.toml"
    naming.parent.mkdir(parents=True)
    naming.write_text('types.release.prefix = "release.mail."\n')
    (naming.parent / "rules.toml").write_text("")
    git(shell.folder, "add", ".flagwright")
    git(shell.folder, "commit", "-qm", "Names")

    after = shell.json("policy", "init", *at)

    assert any(f'accepts = ["{FLAG}"' in file["text"] for file in before["files"])
    assert not any(f'accepts = ["{FLAG}"' in file["text"] for file in after["files"])
    assert not any("of-another-repository" in file["text"] for file in before["files"])
    assert not any("there already" in note for note in before["notes"])
    assert any(NAMES[1] in one and "there already" in one for one in after["notes"])
