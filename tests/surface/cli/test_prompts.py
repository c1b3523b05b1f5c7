"""Whoever edits what assistants are told is told what in it is not there, and sees how it reads."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.installation import SHIPPED
from tests.surface.cli.conftest import Shell

BROKEN = tomllib.loads((SHIPPED.parent / "tests/cases/broken_prompts.toml").read_text())["broken"]
SOUND = """+++
name = "ours"
title = "Ours"
description = "How we do it"

[[arguments]]
name = "flag"
description = "Which"
required = true

+++
Take {{flag}} out.
It is for the {{risk.flag.due}}, and names have {{naming.max_chars|many}} characters.
Ask `score_change`, then `find_flags(like)` with `expires_on`; mind `allow_partial`.
See `risk.bands.high` in policies/risk.toml.
Run `flagwright policy lint`, then flagwright score --fail-at high. Or `--wait`, and `pytest --cov`.
Read flagwright://flags/{{flag}}. An `other` word, a `not-needed`, and `a.py` are nobody's.
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A person's shell; their prompts are read, and nothing else."""
    folder = tmp_path_factory.mktemp("home")
    return Shell(folder, folder)


def put(shell: Shell, text: str, name: str = "ours.md") -> Path:
    file = shell.home / ".config" / "flagwright" / "prompts" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_the_shipped_words_and_a_sound_prompt_name_only_what_is_there(home: Shell) -> None:
    put(home, SOUND)

    answer = home.json("prompts", "lint")

    assert answer["status"] == "valid"
    assert "ours" in [one["name"] for one in answer["prompts"]]


@pytest.mark.parametrize(
    ("old", "new", "line", "fact", "remedy"), BROKEN, ids=[each[1][:30] for each in BROKEN]
)
def test_a_mistake_names_its_file_its_line_and_the_remedy(
    home: Shell, old: str, new: str, line: int, fact: str, remedy: str
) -> None:
    assert old in SOUND
    file = put(home, SOUND.replace(old, new, 1))

    said = home.run("prompts", "lint", "--json")

    (problem,) = said.answer["problems"]
    assert said.code == 1
    assert problem["at"] == f"{file}:{line}"
    assert fact in problem["fact"]
    assert remedy in problem["remedy"]


@pytest.mark.parametrize(
    ("text", "line", "fact", "remedy"),
    [
        ('[score]\nflg = "x"\n', 2, "score.flg is the status of no step", "score.flag"),
        ('[wrap]\n\nproposed = "Plan {plam}"\n', 3, "{plam} is not filled in", "{patch}"),
        ('[wrap]\nproposed = "Plan {"\n', 2, "a lone brace", "{patch}"),
        ('[score]\nflag = "Run {flag}"\n', 2, "{flag} is not filled in", "Allowed: no braces."),
        ('[score]\nflag = "Run flagwright crate"\n', 2, "no command flagwright crate", "create"),
        ('[score]\nflag = "Add --wiat"\n', 2, "no command has the option --wiat", "--wait"),
        ("[score]\nflag = 7\n", 2, "is no sentence of a step", "status ="),
    ],
)
def test_a_next_step_that_could_not_be_said_is_named_with_its_line(
    home: Shell, text: str, line: int, fact: str, remedy: str
) -> None:
    put(home, SOUND)
    file = put(home, text, "next-steps-assistant.toml")

    said = home.run("prompts", "lint", "--json")
    file.unlink()

    (problem,) = said.answer["problems"]
    assert said.code == 1
    assert problem["at"] == f"{file}:{line}"
    assert fact in problem["fact"]
    assert remedy in problem["remedy"]


def test_the_examples_of_the_page_name_only_what_is_there(home: Shell) -> None:
    page = (SHIPPED.parent / "docs" / "prompts.md").read_text()
    (prompt,) = re.findall(r"^```markdown\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (steps,) = re.findall(r"^```text\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    put(home, SOUND)
    written = [
        put(home, prompt, "name-experiment.md"),
        put(home, steps, "next-steps-assistant.toml"),
    ]

    answer = home.json("prompts", "lint")
    for file in written:
        file.unlink()

    assert "name-experiment" in [one["name"] for one in answer["prompts"]]


def test_a_default_is_for_what_a_team_took_out(home: Shell) -> None:
    put(home, SOUND.replace("naming.max_chars|many", "naming.types.sunset.max_days|many"))
    policy = home.home / ".config" / "flagwright" / "policies" / "naming.toml"
    policy.parent.mkdir(parents=True)
    policy.write_text(
        'drop = ["types.sunset"]\naccepts = ["release.new-tax"]\nrejects = ["sunset.api.v1"]\n'
    )

    said = home.run("prompts", "lint", "--json")
    policy.unlink()

    assert said.answer["problems"] == []


def test_a_person_reads_a_prompt_as_an_assistant_does(home: Shell) -> None:
    put(home, SOUND)

    whole = home.json("prompts", "show")
    said = home.run("prompts", "show", "ours", "flag=release.a")
    refused = home.run("prompts", "show", "ours", "flg=release.a", "--json")

    assert {"guard-change", "ours"} <= {one["name"] for one in whole["prompts"]}
    assert said.out.startswith(
        "Take release.a out.\nIt is for the riskiest 40 %, and names have 60"
    )
    assert (refused.code, refused.answer["code"]) == (1, "bad-request")


def test_a_broken_prompt_is_found_by_doctor_because_no_server_starts_with_it(shell: Shell) -> None:
    file = put(shell, SOUND.replace("{{flag}} out", "it out"), "guard-change.md")

    said = shell.run("doctor", "--json")

    (check,) = [one for one in said.answer["checks"] if one["name"] == "prompts"]
    assert (said.code, check["ok"]) == (1, False)
    assert str(file) in check["fact"]
