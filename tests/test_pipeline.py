"""The steps of the GitHub action and of the GitLab template, run as their runners do."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.installation import AFTER, GIT_ENVIRONMENT, git, shop

ROOT = Path(__file__).parent.parent
ACTION, TEMPLATE = ROOT / "action.yml", ROOT / "ci" / "gitlab.yml"
STEPS = {step["name"]: step for step in yaml.safe_load(ACTION.read_text())["runs"]["steps"]}
JOBS = yaml.safe_load(TEMPLATE.read_text())
EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")
HOSTILE = "`touch pwned`$(touch pwned)"
CHECK = 'from flags import client\n\nprint(client.is_enabled("release.shop.gone"))\n'
RULE = """[rules.no-rate]
title = "No rate"
reason = "Rates are printed."
owner = "ada"
severity = "block"
added = '\\bdef rate'
matches = ["a.py\\n+def rate():"]
passes = ["a.py\\n+def price():"]
"""


def validated(file: Path, *schema: str) -> str:
    """What the published schema of a code host has to say."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


class Runner:
    """A fresh clone of what somebody proposes, whose names are not to be trusted."""

    def __init__(self, parent: Path) -> None:
        self.folder, self.home = shop(parent / "shop"), parent
        (self.folder / "pricing.py").write_text(AFTER)
        (self.folder / "check.py").write_text(CHECK)
        (self.folder / "secrets.py").write_text("open('pwned', 'w')\n")
        (self.folder / f"::error::{HOSTILE}.py").write_text("import os\n")
        policies = self.folder / ".flagwright" / "policies"
        policies.mkdir(parents=True)
        (policies / "rules.toml").write_text(RULE)
        git(self.folder, "checkout", "-qb", HOSTILE.replace(" ", "${IFS}"))
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-qm", f"::set-output name=file::{HOSTILE}")

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        own = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "GITHUB_OUTPUT": str(self.home / "output"),
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env=GIT_ENVIRONMENT | own | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def base(self) -> str:
        return self.run("git rev-parse main").stdout.strip()


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    runner = Runner(tmp_path)
    yield runner
    assert not list(tmp_path.rglob("pwned")), "a name was run as a program"


def step(name: str, known: dict[str, str]) -> tuple[str, dict[str, str]]:
    """A step's script and environment, with the expressions that the runner would fill in."""
    given = STEPS[name].get("env", {})
    return STEPS[name]["run"], {
        variable: EXPRESSION.sub(lambda found: known[found[1]], text)
        for variable, text in given.items()
    }


def test_both_are_what_their_code_hosts_publish_as_valid() -> None:
    assert "ok" in validated(ACTION, "vendor.github-actions")
    assert "ok" in validated(TEMPLATE, "vendor.gitlab-ci", "--data-transform", "gitlab-ci")


def test_no_script_holds_an_expression_and_no_action_of_others_is_used() -> None:
    assert STEPS
    for each in STEPS.values():
        assert "${{" not in each["run"]
        assert "uses" not in each
        for variable, text in each.get("env", {}).items():
            assert EXPRESSION.fullmatch(text), variable


def test_python_never_imports_from_the_repository_that_is_judged() -> None:
    scripts = [each["run"] for each in STEPS.values()]
    scripts += [line for job in JOBS.values() for key in KEYS for line in job.get(key, ())]

    calls = [call for script in scripts for call in re.findall(r"python3?\"? +(\S+)", script)]

    assert calls
    assert set(calls) == {"-I"}


KEYS = ("before_script", "script")


def test_the_action_judges_a_change_and_writes_a_comment(runner: Runner) -> None:
    known = {"inputs.base": runner.base, "github.event.repository.default_branch": "main"}
    ranged = runner.run(step("Range", known)[0], **step("Range", known)[1])
    output = (runner.home / "output").read_text()
    assert (ranged.returncode, output) == (0, f"base={runner.base}\n"), ranged

    known = {
        "steps.range.outputs.base": runner.base,
        "inputs.fail-at": "critical",
        "inputs.sarif": "flagwright.sarif",
        "inputs.preview": "comment.md",
        "inputs.since": "1y",
    }
    done = {
        name: runner.run(script, **environment)
        for name in ("Score", "Verify", "Policies", "Preview")
        for script, environment in [step(name, known)]
    }

    assert {name: one.returncode for name, one in done.items()} == {
        "Score": 0,  # its own policy does not judge it
        "Verify": 1,
        "Policies": 0,
        "Preview": 0,
    }, done
    assert "release.shop.gone the flag server has no such flag" in done["Verify"].stdout
    for one in done.values():
        first, *shown, last = one.stdout.splitlines()
        assert first == f"::stop-commands::{last.strip(':')}"
        assert shown
    assert (runner.folder / "flagwright.sarif").exists()
    assert "`no-rate`" in (runner.folder / "comment.md").read_text()
    assert (runner.home / "output").read_text().endswith("file=comment.md\n")


def test_the_template_judges_a_merge_request(runner: Runner) -> None:
    *_, find = JOBS[".flagwright"]["before_script"]
    jobs: dict[str, Any] = {name: job for name, job in JOBS.items() if not name.startswith(".")}
    variables = JOBS[".flagwright"]["variables"] | {"CI_DEFAULT_BRANCH": "main"}
    variables |= {"CI_MERGE_REQUEST_DIFF_BASE_SHA": runner.base, "FLAGWRIGHT_FAIL_AT": "medium"}

    codes = {
        name: runner.run("\n".join([find, *job["script"]]), **variables).returncode
        for name, job in jobs.items()
    }

    assert codes == {"flagwright-score": 1, "flagwright-verify": 1, "flagwright-policies": 0}
    for job in jobs.values():
        for path in job.get("artifacts", {}).get("paths", ()):
            assert (runner.folder / path).exists(), path


@pytest.mark.parametrize("base", ["0" * 40, "", "--help", "nonsense"])
def test_a_new_branch_is_compared_with_the_default_branch(runner: Runner, base: str) -> None:
    git(runner.folder, "update-ref", "refs/remotes/origin/main", "main")
    known = {"inputs.base": base, "github.event.repository.default_branch": "main"}
    script, environment = step("Range", known)

    done = runner.run(script, **environment)

    assert done.returncode == 0, done
    assert (runner.home / "output").read_text() == f"base={runner.base}\n"
