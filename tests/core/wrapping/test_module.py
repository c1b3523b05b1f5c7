"""A repository that asks for no flag yet gets one module that does, and that harms nobody."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import flagwright
from flagwright.core.change import read_change
from flagwright.core.records.change import FileChange
from flagwright.core.records.score import Assessment
from flagwright.core.wrapping.conventions import find_conventions
from flagwright.core.wrapping.module import Client, new_module
from flagwright.core.wrapping.policy import WrappingPolicy

FAKES = {
    "unleash": (
        "UnleashClient/__init__.py",
        "class UnleashClient:\n"
        "    def __init__(self, url, app_name, custom_headers, **limits):\n"
        "        print('made', url, custom_headers)\n"
        "    def initialize_client(self):\n"
        "        pass\n"
        "    def is_enabled(self, flag):\n"
        "        return flag == 'a.b'\n",
    ),
    "openfeature": (
        "openfeature/api.py",
        "class Client:\n"
        "    def get_boolean_value(self, flag, default):\n"
        "        return default or flag == 'a.b'\n"
        "def get_client():\n"
        "    return Client()\n",
    ),
}

UNLEASH = {"UNLEASH_URL": "http://u", "UNLEASH_API_TOKEN": "t"}
ASKING_WHILE_IT_LOGS = """
import logging, threading, flags

def of_another():
    other = threading.Thread(target=lambda: print("another", flags.is_enabled("a.b")))
    other.start()
    other.join()

class Asking(logging.Handler):
    def emit(self, record):
        print(record.levelname, flags.is_enabled("a.b"))
        of_another()

logging.getLogger("flags").addHandler(Asking())
logging.getLogger("flags").setLevel("INFO")
print(flags.is_enabled("a.b"))
"""

FORKING = """
import os, sys, flags
print(flags.is_enabled("a.b"))
flags._locks[os.getpid()].acquire()
sys.stdout.flush()
if os.fork() == 0:
    print("child", flags.is_enabled("a.b"))
else:
    os.wait()
"""


@pytest.mark.parametrize(
    ("changed", "modules", "path", "import_line"),
    [
        (
            ["shop/tax/vat.py"],
            ["shop/__init__.py", "shop/tax/__init__.py"],
            "shop/flags.py",
            "shop",
        ),
        (["src/shop/vat.py"], ["src/shop/__init__.py"], "src/shop/flags.py", "shop"),
        (["vat.py"], [], "flags.py", ""),
        (["jobs/vat.py"], [], "jobs/flags.py", "jobs"),
        (["shop/a.py"], ["shop/__init__.py", "shop/flags.py"], "shop/feature_flags.py", "shop"),
        (["shop/a.py"], ["shop/__init__.py", "shop/flags/x.py"], "shop/feature_flags.py", "shop"),
    ],
)
def test_it_stands_in_the_package_of_what_changed_and_takes_no_name(
    changed: list[str], modules: list[str], path: str, import_line: str
) -> None:
    found = new_module(changed, dict.fromkeys(modules, b""), "unleash")

    assert found is not None
    convention, file = found
    assert file
    assert (file.path, file.before) == (path, None)
    module = ".".join(filter(None, [import_line, Path(path).stem]))
    assert convention.import_line == f"from {module} import is_enabled"


def test_where_every_name_is_taken_there_is_none() -> None:
    taken = ["flags.py", "feature_flags.py", "release_flags.py"]

    assert new_module(["a.py"], dict.fromkeys(taken, b""), "unleash") is None


def test_one_that_an_earlier_plan_left_is_used_again() -> None:
    found = new_module(["shop/a.py"], {"shop/__init__.py": b""}, "unleash")
    assert found
    assert found[1]
    there = {"shop/__init__.py": b"", found[1].path: found[1].text or b""}

    assert new_module(["other/b.py"], there, "unleash") == (found[0], None)


def test_it_passes_the_checkers_of_a_strict_project(tmp_path: Path) -> None:
    found = new_module(["a.py"], {}, "unleash")
    assert found
    assert found[1]
    (tmp_path / "flags.py").write_bytes(found[1].text or b"")

    strict = ["mypy", "--strict", "--no-incremental", "--cache-dir", str(tmp_path / "cache")]
    for checker in (
        strict,
        ["ruff", "check", "--isolated", "--select", "E,F,I", "--line-length", "79"],
    ):
        said = subprocess.run(
            [sys.executable, "-m", *checker, "flags.py"],
            cwd=tmp_path, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert said.returncode == 0, said.stdout


def test_bringing_it_is_no_risk_and_needs_no_flag() -> None:
    found = new_module(["a.py"], {}, "unleash")
    assert found
    assert found[1]
    text = found[1].text or b""
    old = "def f():\n    return 1\n"
    check = "def f():\n    if is_enabled('a.b'):\n        return 2\n"
    new = "from flags import is_enabled\n\n\n" + old.replace("def f():\n", check)
    change = FileChange(path="a.py", kind="modified", before=old.encode(), after=new.encode())
    brought = FileChange(path="flags.py", kind="added", after=text)
    edited = brought.model_copy(update={"after": text.replace(b"=2", b"=9")})

    assert scored(change, brought).findings == scored(change).findings
    assert scored(change, brought).verdict == "already-flagged"
    assert scored(change, edited).verdict != "already-flagged"


@pytest.mark.parametrize("client", ["unleash", "openfeature"])
def test_it_asks_the_client_once_that_can_be_reached_and_means_off_until_then(
    client: Client, tmp_path: Path
) -> None:
    bring(client, tmp_path)
    program = "import flags\nprint(flags.is_enabled('a.b'), flags.is_enabled('c.d'))\n"

    alone = _run(program, tmp_path)
    name, text = FAKES[client]
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text(text)
    asked = _run(program, tmp_path, **UNLEASH)

    assert (alone.stdout, alone.stderr) == ("False False\n", "")
    assert asked.stdout.splitlines()[-1] == "True False"
    assert asked.stdout.count("made") == (client == "unleash")


@pytest.mark.parametrize("client", ["unleash", "openfeature"])
def test_what_the_client_itself_runs_finds_the_flag_off_and_never_waits(
    client: Client, tmp_path: Path
) -> None:
    bring(client, tmp_path)
    name, text = FAKES[client]
    logs = (
        "        import logging\n        logging.getLogger('flags').error('asked')\n        return "
    )

    alone = _run(ASKING_WHILE_IT_LOGS, tmp_path)
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text(text.replace("        return ", logs))
    asked = _run(ASKING_WHILE_IT_LOGS.replace("\n        of_another()", ""), tmp_path, **UNLEASH)

    assert alone.stdout == "INFO False\nanother False\nFalse\n"
    assert asked.stdout.splitlines()[-2:] == ["ERROR False", "True"]


IN_A_LOOP = """
import asyncio, time, flags

async def main():
    start = time.monotonic()
    print(flags.is_enabled("a.b"), time.monotonic() - start < 1)
    while not flags.is_enabled("a.b"):
        await asyncio.sleep(0.05)
    print("then on")

asyncio.run(main())
"""


@pytest.mark.parametrize(("seconds", "said"), [("0", "True True"), ("2", "False True")])
def test_an_event_loop_goes_on_while_the_client_starts(
    seconds: str, said: str, tmp_path: Path
) -> None:
    bring("unleash", tmp_path)
    name, text = FAKES["unleash"]
    (tmp_path / name).parent.mkdir()
    slow = f"import time\n{text}".replace("        pass\n", f"        time.sleep({seconds})\n")
    (tmp_path / name).write_text(slow)

    answers = _run(IN_A_LOOP, tmp_path, **UNLEASH).stdout.splitlines()

    assert [line for line in answers if "made" not in line] == [said, "then on"]


def test_a_forked_process_has_a_client_of_its_own(tmp_path: Path) -> None:
    bring("unleash", tmp_path)
    name, text = FAKES["unleash"]
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text(text)

    said = _run(FORKING, tmp_path, **UNLEASH).stdout.splitlines()

    assert [line for line in said if "made" not in line] == ["True", "child True"]
    assert len(said) == 4


def test_the_next_change_finds_how_this_one_asks() -> None:
    found = new_module(["shop/a.py"], {"shop/__init__.py": b""}, "unleash")
    assert found is not None
    convention, file = found
    assert file
    wrapped = f"{convention.import_line}\n\n\ndef f():\n    if is_enabled('a.b'):\n        pass\n"
    files = {"shop/__init__.py": b"", file.path: file.text or b"", "shop/a.py": wrapped.encode()}

    policy = WrappingPolicy(known_checks=("UnleashClient.*.is_enabled",))
    again = find_conventions(files, policy).general

    assert again is not None
    assert (again.import_line, again.check) == (convention.import_line, convention.check)


def bring(client: Client, folder: Path) -> None:
    """Leave the module as a plan does."""
    found = new_module(["a.py"], {}, client)
    assert found
    assert found[1]
    (folder / "flags.py").write_bytes(found[1].text or b"")


def scored(*files: FileChange) -> Assessment:
    return flagwright.score(read_change("a" * 40, "b" * 40, files))


def _run(program: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"PYTHONPATH": str(folder), **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


@pytest.mark.parametrize("client", FAKES)
def test_it_needs_no_newer_python_than_the_application(client: Client) -> None:
    """What runs at import was there in 3.6: no `dict[int, ...]`, no `functools.cache`."""
    found = new_module(["a.py"], {}, client)
    assert found is not None
    assert found[1] is not None
    tree = ast.parse(found[1].text or b"", feature_version=(3, 6))
    annotations = [ast.unparse(a) for n in ast.walk(tree) if (a := getattr(n, "annotation", None))]
    assert {a for a in annotations if not a.startswith("'")} == {"int", "str"}
    names = {a.name for n in tree.body for a in getattr(n, "names", ())}
    assert names == {"logging", "os", "sys", "threading", "lru_cache", "Any"}
