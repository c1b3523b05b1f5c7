"""The hooks, run by pre-commit itself in a repository that asks for them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.installation import GIT_ENVIRONMENT, git

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text())}
RULE = """[rules.no-badword]
title = "No bad word"
reason = "It is bad."
owner = "ada"
severity = "block"
added = '\\bbadword\\b'
matches = ["a.py\\n+badword"]
passes = ["a.py\\n+word"]
"""


class Team:
    """A repository with every hook of ours, which pre-commit takes from one of its own."""

    def __init__(self, parent: Path) -> None:
        self.folder, self.hooks = parent / "team", parent / "hooks"
        self.environment = GIT_ENVIRONMENT | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(parent),
            "PRE_COMMIT_HOME": str(parent / "cache"),
        }
        for folder in (self.hooks, self.folder):
            folder.mkdir()
            git(folder, "init", "-q", "-b", "main")
        shutil.copy(MANIFEST, self.hooks)
        self.commit("Hooks", folder=self.hooks)
        # What they need is here already: pre-commit need not install it from the registry.
        wanted = [{"id": name, "language": "system"} for name in HOOKS]
        asked = {"repo": str(self.hooks), "rev": self.head(self.hooks), "hooks": wanted}
        self.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": [asked]}))
        self.write(".flagwright/policies/rules.toml", RULE)
        self.write("flags.py", "client = None\n")
        self.commit("First")

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        git(self.folder, "add", path)

    def commit(self, message: str, folder: Path | None = None) -> None:
        git(folder or self.folder, "add", "-A")
        git(folder or self.folder, "commit", "-qm", message)

    def head(self, folder: Path) -> str:
        command = ["git", "rev-parse", "HEAD"]
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=True
        ).stdout.strip()

    def run(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", "--color", "never", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return Team(tmp_path_factory.mktemp("hooks"))


def test_the_manifest_is_one_for_pre_commit() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)]

    assert subprocess.run(command, check=False).returncode == 0


PROMPT = '+++\nname = "ours"\ntitle = "Ours"\ndescription = "Ours"\n+++\nUse `score_change`.\n'


def test_what_is_wrong_is_not_committed_and_each_hook_says_why(team: Team) -> None:
    """In one run of them all: the repository's own policy of before judges the change."""
    team.write("a.py", "badword\n")
    team.write(".flagwright/policies/rules.toml", RULE.replace("block", "blok"))
    team.write("prompts/ours.md", PROMPT.replace("change", "chnge"))
    code, said = team.run()
    team.write("a.py", "word\n")
    team.write(".flagwright/policies/rules.toml", RULE + "# ours\n")
    team.write("prompts/ours.md", PROMPT)
    passed, then = team.run()

    assert (code, said.count("Failed"), passed, then.count("Passed")) == (1, 4, 0, 4), said + then
    assert "no-badword No bad word. It is bad. at a.py:1" in said
    assert ".flagwright/policies/rules.toml:5 error rules.no-badword.severity" in said
    assert "policy-invalid: .flagwright/policies/rules.toml:5" in said
    assert "prompts/ours.md:6 error score_chnge is no tool" in said


def test_a_check_without_a_flag_is_not_pushed(team: Team) -> None:
    before = team.head(team.folder)
    check = 'from flags import client\n\nif client.is_enabled("release.shop.gone"):\n    print()\n'
    team.write("b.py", check)
    git(team.folder, "commit", "-qm", "A check")
    pushed = ("--from-ref", before, "--to-ref", "HEAD")

    code, said = team.run("flagwright-verify", "--hook-stage", "pre-push", *pushed)

    assert code == 1
    assert "release.shop.gone the flag server has no such flag" in said
