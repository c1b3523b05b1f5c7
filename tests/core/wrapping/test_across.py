"""What runs in one file while others are imported: `cases/importing/across_*.txt`, really run.

Each program is several files, of which one asks a flag where it says `ask()`; in its two
versions a number stands there. Every file is imported, the way a server finds its modules.
"""

import ast
import builtins
import importlib
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import CannotWrap

CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
TESTS = Path(__file__).parents[2]
POLICY = WrappingPolicy.model_validate(
    tomllib.loads((TESTS.parent / "policies" / "wrapping.toml").read_text())
)
Files = dict[str, str]


def programs(name: str) -> list[Any]:
    texts = (TESTS / "cases" / "importing" / f"{name}.txt").read_text().split("#### ")[1:]
    return [pytest.param(body, id=title) for title, _, body in (t.partition("\n") for t in texts)]


def files(text: str) -> Files:
    """The files of a program by path, with those that make its folders packages."""
    parts = (part.partition("\n") for part in text.split("=== ")[1:])
    found = {path: body for path, _, body in parts}
    folders = {path.rpartition("/")[0] for path in found} - {"", "src"}
    return {f"{folder}/__init__.py": "" for folder in folders} | found


@pytest.fixture
def clean_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    known = set(sys.modules)
    for folder in (tmp_path / "src", tmp_path):
        monkeypatch.syspath_prepend(str(folder))
    yield
    for name in set(sys.modules) - known:
        del sys.modules[name]


def asks(program: Files, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a program asks while its files are imported, one after the other."""
    asked: list[str] = []

    def ask() -> int:
        asked.append("once")
        return 1

    monkeypatch.setattr(builtins, "ask", ask, raising=False)
    for path, text in program.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    for path in program:
        name = re.sub(r"^src/|/__init__\.py$|\.py$", "", path).replace("/", ".")
        if not name.endswith("__main__"):
            importlib.import_module(name)
    return bool(asked)


def wrapped(program: Files) -> str:
    """The text of the file that asks, where a change of it is put behind a flag."""
    path, text = next((path, text) for path, text in program.items() if "ask()" in text)
    old, new = (text.replace("ask()", number).encode() for number in "12")
    change = FileChange(path=path, kind="modified", before=old, after=new)
    modules = {p: t.encode() for p, t in program.items()} | {path: new}
    found = wrap_change(
        Change(base="diff", head="diff", files=(change,), digest="0" * 64),
        flag="new-tax",
        convention=CONVENTION,
        policy=POLICY,
        modules=modules,
    )
    return (found.files[0].text or b"").decode()


def wraps(program: Files, *, is_wrapped: bool, because: str) -> None:
    """See that a program is wrapped, or else refused for a reason."""
    if is_wrapped:
        assert "is_enabled" in wrapped(program)
        return
    with pytest.raises(CannotWrap, match=because):
        wrapped(program)


@pytest.mark.usefixtures("clean_imports")
@pytest.mark.parametrize("text", programs("across_at_once"))
def test_a_flag_that_another_file_would_ask_for_at_its_import_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asks(files(text), tmp_path, monkeypatch)

    with pytest.raises(CannotWrap, match="the flag would be read while"):
        wrapped(files(text))


@pytest.mark.usefixtures("clean_imports")
@pytest.mark.parametrize("text", programs("across_later"))
def test_a_flag_that_nobody_asks_for_at_an_import_is_not(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not asks(files(text), tmp_path, monkeypatch)

    assert "client.is_enabled" in wrapped(files(text))


@pytest.mark.parametrize(
    ("path", "packages", "is_wrapped"),
    [
        ("scripts/report.py", (), True),
        ("shop_admin/tools/report.py", (), True),
        ("docs/conf.py", (), True),
        ("tools/report.py", ("tools",), True),
        ("shop/tools/report.py", ("shop/tools",), False),
        ("shop/tools/report.py", (), False),
        ("shop/docs/report.py", ("shop/docs",), False),
        ("deploy/report.py", (), False),
        ("wsgi.py", (), False),
    ],
)
def test_what_a_program_does_at_its_top_is_the_program_itself(
    path: str,
    packages: tuple[str, ...],
    is_wrapped: bool,
) -> None:
    """A folder of a package is none of programs, whatever it is called."""
    program = {"shop/__init__.py": "", "shop/tax.py": "def total():\n    return ask()\n"}
    program |= {f"{folder}/__init__.py": "" for folder in packages}
    program[path] = "from shop.tax import total\n\nprint(total())\n"

    wraps(program, is_wrapped=is_wrapped, because=f"while {path} is imported")


@pytest.mark.parametrize(
    ("end", "is_wrapped"),
    [
        ("import sys\nsys.exit(total())\n", True),
        ("raise SystemExit(total())\n", True),
        ("import sys\nif total():\n    sys.exit(1)\n", False),
        ("import sys\nsys.exit(total()) if sys.argv else 1\n", False),
        ("import sys\nsys.exit\ntotal()\n", False),
        ("from shop import sys\nsys.exit(total())\n", False),
        ("import shop as sys\nsys.exit(total())\n", False),
        ("import sys\nfor sys in [total]:\n    pass\nsys.exit(total())\n", False),
        ("import sys\ntotal()\nsys.exit(1) or 2\n", False),
        ("import sys\nsys.exit(total())\nx = 1\n", False),
        ("import sys\nfrom shop.own import *\nsys.exit(total())\n", False),
        ("from shop.own import Stop as SystemExit\nraise SystemExit(total())\n", False),
        ("class SystemExit(Exception):\n    pass\nraise SystemExit(total())\n", False),
        ("import sys\ndef main():\n    total()\n    sys.exit(1)\nx = total()\n", False),
    ],
)
def test_nobody_imports_a_file_that_ends_the_process(end: str, is_wrapped: bool) -> None:
    program = {"shop/__init__.py": "", "shop/tax.py": "def total():\n    return ask()\n"}
    program["shop/sys.py"] = "def exit(x):\n    pass\n"
    program["shop.py"] = f"from shop.tax import total\n{end}"

    wraps(program, is_wrapped=is_wrapped, because=r"while shop\.py is imported")


@pytest.mark.parametrize(
    ("other", "is_wrapped"),
    [
        ("try:\n    import shop\nexcept SystemExit:\n    pass\n", False),
        ("try:\n    from shop import x\nexcept:\n    pass\n", False),
        ("from contextlib import suppress\nwith suppress(SystemExit):\n    import shop\n", False),
        (
            "def f(n):\n    try:\n        __import__(n)\n    except BaseException:\n        pass\n",
            False,
        ),
        ("import shop\ntry:\n    x = 1\nexcept SystemExit:\n    pass\n", True),
        ("try:\n    import shop\nexcept ImportError:\n    pass\n", True),
    ],
)
def test_a_file_that_ends_the_process_may_be_caught(other: str, is_wrapped: bool) -> None:
    program = {"tax.py": "def total():\n    return ask()\n", "other.py": other}
    program["shop.py"] = "import sys\nfrom tax import total\nsys.exit(total())\n"

    wraps(program, is_wrapped=is_wrapped, because=r"while shop\.py is imported")


@pytest.mark.parametrize(
    ("other", "is_wrapped"),
    [
        ("try:\n    import shop.own\nexcept SystemExit:\n    pass\n", True),
        (
            "try:\n    __import__('runpy').run_path('shop.py')\nexcept SystemExit:\n    pass\n",
            False,
        ),
    ],
)
def test_a_file_beside_a_package_of_its_name_is_imported_by_no_name(
    other: str, is_wrapped: bool
) -> None:
    program = {"tax.py": "def total():\n    return ask()\n", "other.py": other}
    program["shop.py"] = "import sys\nfrom tax import total\nsys.exit(total())\n"
    program |= {"shop/__init__.py": "", "shop/own.py": ""}

    wraps(program, is_wrapped=is_wrapped, because=r"while shop\.py is imported")


@pytest.mark.parametrize("path", ["scripts/report.py", "docs/report.py"])
def test_a_program_that_another_file_imports_is_none(path: str) -> None:
    program = {"shop/__init__.py": "", "shop/tax.py": "def total():\n    return ask()\n"}
    program[path] = "from shop.tax import total\n\nTOTAL = total()\n"
    program["wsgi.py"] = f"from {path.removesuffix('.py').replace('/', '.')} import TOTAL\n"

    with pytest.raises(CannotWrap, match=f"while {path} is imported"):
        wrapped(program)


def test_a_chain_of_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looked whether one of the files beyond asks at import."""
    program = {"shop/__init__.py": "", "shop/a0.py": "def total():\n    return ask()\n"}
    for number in range(1, 6):
        above = "total" if number == 1 else f"total{number - 1}"
        program[f"shop/a{number}.py"] = (
            f"from shop.a{number - 1} import {above}\n\n\n"
            f"def total{number}():\n    return {above}()\n"
        )
    assert "is_enabled" in wrapped(program)

    monkeypatch.setattr("flagwright.core.wrapping.chain.MOST_FILES", 3)

    with pytest.raises(CannotWrap, match="files lead here") as refusal:
        wrapped(program)
    assert refusal.value.category == "import-time"


def test_a_package_that_gives_old_names_lazily_has_methods_that_wait() -> None:
    """Click's own code, whose `__getattr__` gives away classes by their old names."""
    folder = Path(click.__file__).parent
    program = {f"click/{path.name}": path.read_text("utf-8") for path in folder.glob("*.py")}
    lines = program["click/core.py"].splitlines(keepends=True)
    found = ast.walk(ast.parse(program["click/core.py"]))
    (method,) = (n for n in found if isinstance(n, ast.FunctionDef) and n.name == "get_params")
    lines.insert(method.body[-1].lineno - 1, "        print(ask())\n")
    program["click/core.py"] = "".join(lines)

    assert "is_enabled" in wrapped(program)
