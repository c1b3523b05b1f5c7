"""Hold the documents to what the code does: every example, command and name in them is tried."""

import doctest
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from benchmarks.stage import approve, set_up
from docs.generate import DOCUMENTS, ROOT, renew, schemas
from flagwright.surface.cli import cli

README = (ROOT / "README.md").read_text("utf-8")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "examples/shop/README.md"]
CHECKER = doctest.OutputChecker()
LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
PLAN = re.compile(r"\b[0-9a-f]{12}\b")
DAY = re.compile(r"\b20\d\d-\d\d-\d\d\b")
CODE = re.compile(r"\b[A-Z2-9]{6}\b")
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def blocks(page: str, language: str) -> list[str]:
    """Fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def commands(page: str) -> Iterator[str]:
    """What a page tells its reader to type, with continued lines joined."""
    for block in blocks(page, "console"):
        yield from re.findall(r"^\$ (.*)$", block.replace("\\\n", " "), re.MULTILINE)


def snippets() -> list[list[str]]:
    """The command line in each client's configuration."""
    files = [json.loads(block) for block in blocks(README, "json")]
    files += [tomllib.loads(block) for block in blocks(README, "toml")]
    servers = [by_name["flagwright"] for file in files for by_name in file.values()]
    return [[server["command"], *server["args"]] for server in servers]


OURS = sorted(
    {
        (page.name, line)
        for page in PAGES
        for line in commands(page.read_text("utf-8"))
        if line.startswith("flagwright ")
    }
)


def accept(arguments: list[str]) -> None:
    """Read a command line as click does; paths need not exist here."""
    command: click.Command = cli
    context = click.Context(cli, info_name="flagwright", resilient_parsing=True)
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        name, found, arguments = command.resolve_command(context, arguments)
        assert found is not None, f"there is no command {name}"
        command = found
        context = click.Context(command, info_name=name, parent=context)
    command.parse_args(context, ["." if set("/$") & set(word) else word for word in arguments])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_what_is_generated_is_in_step_with_the_code(path: Path) -> None:
    page = path.read_text("utf-8")

    assert page == renew(page), "run: make generate"


@pytest.mark.parametrize(("path", "text"), schemas().items(), ids=lambda value: str(value)[-24:])
def test_the_schema_of_a_policy_is_in_step_and_the_policy_names_it(path: Path, text: str) -> None:
    policy = ROOT / "policies" / path.name.replace(".schema.json", ".toml")

    assert path.read_text("utf-8") == text, "run: make generate"
    assert policy.read_text("utf-8").startswith(f"#:schema ../schemas/{path.name}\n")


@pytest.mark.parametrize(("page", "line"), OURS)
def test_a_command_in_a_document_is_one_that_exists(page: str, line: str) -> None:
    accept(shlex.split(line, comments=True)[1:])


@pytest.mark.parametrize("snippet", snippets(), ids=range(3))
def test_a_client_configuration_starts_the_server(snippet: list[str]) -> None:
    command, *arguments = snippet

    assert (command, arguments[0]) == ("flagwright", "serve")
    accept(arguments)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_make_verb_in_a_document_is_one_that_exists(page: Path) -> None:
    verbs = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    named = re.findall(r"(?:^\$ |`)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE)

    assert set(named) <= set(verbs)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_link_to_a_heading_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text("utf-8"))

    for name, anchor in links:
        target = page.parent / name if name else page
        headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
        assert anchor in [
            re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings
        ]


def test_the_readme_names_every_setting_and_no_other() -> None:
    source = "".join(path.read_text() for path in (ROOT / "src/flagwright").rglob("*.py"))
    setting = r"\bFLAGWRIGHT_[A-Z_]+[A-Z]\b(?!_)|\bXDG_[A-Z]+_HOME\b"
    ours = {name for name in re.findall(setting, source) if name != "FLAGWRIGHT_UNLEASH"}

    assert set(re.findall(setting, README)) == ours


def test_the_readme_names_every_policy_and_prompt() -> None:
    for path in (ROOT / "policies").iterdir():
        assert f"policies/{path.name}" in README
    for path in (ROOT / "prompts").glob("*.md"):
        assert path.stem in README


def test_the_examples_of_the_python_api_do_what_they_assert() -> None:
    """One after the other: an example may use what those before it have defined."""
    names: dict[str, object] = {}
    examples = blocks(README, "python")

    for example in examples:
        exec(compile(example, "README.md", "exec"), names)

    assert len(examples) == 3


def test_the_main_job_in_the_readme_runs_as_shown(tmp_path: Path) -> None:
    """Plan ids and days differ from run to run; `...` stands for what is left out."""
    shop, environment = set_up(tmp_path)
    (shown,) = re.findall(r"<!-- replayed by [^>]*>\n```console\n(.*?)```", README, re.DOTALL)
    expires = str(datetime.now(UTC).date() + timedelta(days=30))
    plan = ""

    for step in re.split(r"^\$ ", shown.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
        line, _, expected = step.partition("\n")
        arguments = shlex.split(DAY.sub(expires, PLAN.sub(plan, line)))
        got = answer(arguments, shop, environment)
        plan = next(iter(PLAN.findall(got)), plan)
        assert CHECKER.check_output(normal(expected), normal(got), LOOSE), f"$ {line}\n{got}"


def answer(arguments: list[str], shop: Path, environment: dict[str, str]) -> str:
    """Everything that a command shows, on a terminal where it needs one."""
    if arguments[:2] == ["flagwright", "approve"]:
        return approve(arguments[2], shop, environment)
    ours = arguments[0] == "flagwright"
    return subprocess.run(
        [sys.executable, "-m", *arguments] if ours else arguments,
        cwd=shop,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    ).stdout


def normal(text: str) -> str:
    """A text without what no two runs have in common."""
    text = ESCAPES.sub("", text).replace("\r\n", "\n")
    return CODE.sub("CODE", DAY.sub("DAY", PLAN.sub("PLAN", text)))


def test_the_changelog_keeps_its_form() -> None:
    """Of keepachangelog.com: known headings under each version, the newest first."""
    sections = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    kinds = re.findall(r"^### (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert sections[0] == "[Unreleased]"
    assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.parametrize(
    "module",
    [
        f"benchmarks.{name}"
        for name in ["startup", "conversation", "faults", "flagserver", "outage", "record"]
    ],
)
def test_a_benchmark_still_loads(module: str) -> None:
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"], cwd=ROOT, env=environment, check=False
    )

    assert done.returncode == 0
