"""Whoever follows the page on policies gets rules that load, cases that hold, and a refusal."""

import re
import shutil
from pathlib import Path

import pytest

from flagwright.core.policy.rules import ChangeRule
from tests.installation import git, shop
from tests.surface.cli.conftest import Shell

PAGE = (Path(__file__).parents[1] / "docs" / "policies.md").read_text("utf-8")
PROMPT = (Path(__file__).parents[1] / "prompts" / "write-policy-rule.md").read_text("utf-8")
BLOCKS = [
    re.sub(r"^   ", "", block, flags=re.MULTILINE)
    for block in re.findall(r"^ *```toml\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)
]


@pytest.fixture
def shell(home: object, tmp_path: Path) -> Shell:
    folder = shop(tmp_path / "shop")
    return Shell(folder, tmp_path / "home")


def test_the_rule_that_an_assistant_is_shown_loads_with_every_condition_it_names(
    shell: Shell,
) -> None:
    (rule,) = re.findall(r"^```toml\n(.*?)^```", PROMPT, re.DOTALL | re.MULTILINE)
    named = set(re.findall(r"`([a-z]+)`", PROMPT))
    policies = shell.folder / ".flagwright" / "policies"
    policies.mkdir(parents=True)
    (policies / "rules.toml").write_text(rule)

    said = shell.json("policy", "lint", "--repo", str(shell.folder))

    (rules,) = [one for one in said["policies"] if one["name"] == "rules"]
    assert rules["files"][-1] == ".flagwright/policies/rules.toml"
    assert named <= set(ChangeRule.model_json_schema()["properties"])


def test_the_rules_of_the_page_load_and_its_cases_hold(shell: Shell) -> None:
    rules, cases, layer, naming, approval, waiver = BLOCKS
    policies = shell.folder / ".flagwright" / "policies"
    (policies / "tests").mkdir(parents=True)
    (policies / "rules.toml").write_text(rules)
    (policies / "tests" / "refunds.toml").write_text(cases)
    (policies / "risk.toml").write_text(layer)
    (policies / "naming.toml").write_text(naming)
    (policies / "approval.toml").write_text(approval)
    own = shell.home / ".config" / "flagwright" / "policies"
    own.mkdir(parents=True)
    (own / "waivers.toml").write_text(waiver)

    lint = shell.run("policy", "lint", "--repo", str(shell.folder), "--json")
    shutil.rmtree(own)
    tested = shell.json("policy", "test", "--repo", str(shell.folder))

    problems = lint.answer["problems"]
    told = [p for p in problems if not p["fact"].startswith("The waiver of")]
    assert all(p["level"] == "warning" and "attested" in p["fact"] for p in told), told
    assert tested["status"] == "passed"
    git(shell.folder, "add", ".flagwright")
    git(shell.folder, "commit", "-qm", "Policies", "--", ".flagwright")
    (shell.folder / "refunds").mkdir()
    (shell.folder / "refunds" / "book.py").write_text("amount = round(total)\n")
    assert shell.json("score", "--repo", str(shell.folder))["verdict"] == "blocked"
