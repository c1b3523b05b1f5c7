"""Programs of which the top changes: they ask where they run, once, and nobody imports them."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from benchmarks.independent import problems
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.project import project
from flagwright.core.wrapping.retire import retire_files
from flagwright.core.wrapping.wrapped import Wrapped
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CHECK = 'client.is_enabled("{flag}")'
CONVENTION = Convention(import_line="from shop.flags import client", check=CHECK)
FLAG = "new-tax"
PATH = "examples/report.py"
FLAGS = """\
import sys


class Client:
    def is_enabled(self, name):
        return sys.argv[1:] == ["on"]


client = Client()
"""
BOX = """\
def net(a, rate=1):
    return a * rate


def gross(a):
    return a + 10
"""
FILES = {"shop/__init__.py": "", "shop/flags.py": FLAGS, "shop/box.py": BOX}
OLD = '''\
"""Report."""

from shop.box import net


def row(a):
    return f"<{a}>"


# the numbers

total = 0
for a in (1, 2):
    total += net(a)

print(row(total))
'''


def plan(old: str, new: str, path: str = PATH, **others: str) -> Wrapped:
    """The plan for a program beside other files."""
    files = {**FILES, **{p.replace("__", "/") + ".py": t for p, t in others.items()}, path: new}
    file = FileChange(path=path, kind="modified", before=old.encode(), after=new.encode())
    return wrap_change(
        Change(base="diff", head="diff", files=(file,), digest="0" * 64),
        flag=FLAG,
        convention=CONVENTION,
        policy=POLICY,
        modules={p: text.encode() for p, text in files.items()},
    )


def text_of(wrapped: Wrapped) -> str:
    (file,) = wrapped.files
    return (file.text or b"").decode()


def ran(folder: Path, text: str, answer: str = "off") -> str:
    """What a program prints."""
    for path, content in {**FILES, PATH: text}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    command = [sys.executable, "-B", PATH, answer]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": "."}
    )
    return f"{done.returncode} {done.stdout}"


NEW = {
    "a line": OLD.replace("print(row(total))", "print(row(total), total)"),
    "a line more": OLD + 'print("done")\n',
    "a line less": OLD.replace("\nprint(row(total))\n", ""),
    "inside of a loop": OLD.replace("net(a)\n", "net(a)\n    total += 1\n"),
    "a loop": OLD.replace("(1, 2)", "(1, 2, 3)"),
    "all of it": OLD.partition("# the")[0] + "for a in range(3):\n    print(row(net(a)))\n",
    "with an import": OLD.replace("import net", "import gross, net").replace(
        " net(a)", " gross(net(a))"
    ),
    "with a function": OLD.replace("<{a}>", "[{a}]").replace("= 0", "= 5"),
    "a constant": OLD.replace("total = 0", "total = 3"),
    "what fails": OLD + "raise SystemExit(total)\n",
    "with definitions in between": OLD.replace("def row", "print(1)\n\n\ndef row").replace(
        "def row(a):", "def row(a, b=1):"
    )
    + "print(2)\n",
    "with a decorator": OLD.replace("def row", "@staticmethod\ndef row") + "print(3)\n",
    "a type that is read": OLD.replace("total = 0", "total: int = 0") + "print(__annotations__)\n",
    "another type": OLD.replace("total = 0", "total: float = 0\nmore: int = 1")
    + "print(__annotations__)\n",
    "two places": OLD.replace("= 0", "= 7") + "print(total)\n",
    "with a type": OLD.replace("total = 0", "total: int = 1\nmore = 2") + "print(more)\n",
}


@pytest.mark.parametrize("new", NEW.values(), ids=NEW)
def test_a_program_does_what_each_version_does(new: str, tmp_path: Path) -> None:
    for before, after in (OLD, new), (new, OLD):
        wrapped = text_of(plan(before, after))

        assert ran(tmp_path, before) != ran(tmp_path, after)
        assert ran(tmp_path, wrapped, "off") == ran(tmp_path, before)
        assert ran(tmp_path, wrapped, "on") == ran(tmp_path, after)
        checks = [c for c in (CHECK, CHECK.replace('"', "'")) if c.format(flag=FLAG) in wrapped]
        check = checks[0].format(flag=FLAG)
        assert problems(before, after, wrapped, FLAG, check, is_program=True) == []
        for on, version in (False, before), (True, after):
            (file,) = retire_files({PATH: wrapped.encode()}, flag=FLAG, on=on).files
            assert (file.text or b"").decode() == version == project(wrapped, flag=FLAG, on=on)


def test_types_of_names_at_the_top_belong_to_their_version(tmp_path: Path) -> None:
    old, new = NEW["a type that is read"], NEW["another type"]

    for before, after in (old, new), (new, old):
        wrapped = text_of(plan(before, after))

        assert ran(tmp_path, wrapped, "off") == ran(tmp_path, before) != ran(tmp_path, after)
        assert ran(tmp_path, wrapped, "on") == ran(tmp_path, after)


def test_it_asks_once_and_the_plan_says_when() -> None:
    wrapped = plan(OLD, NEW["two places"])

    assert text_of(wrapped).count("is_enabled") == 1
    assert any("as the program starts" in note for note in wrapped.notes)
    assert plan(OLD, text_of(wrapped)).files == ()


def test_a_function_that_the_top_of_a_program_calls_may_ask() -> None:
    new = OLD.replace("<{a}>", "[{a}]")

    assert 'if client.is_enabled("new-tax"):\n        return f"[{a}]"' in text_of(plan(OLD, new))


@pytest.mark.parametrize(
    ("path", "others"),
    [
        ("shop/report.py", {}),
        ("shop/examples/report.py", {"shop__examples____init__": ""}),
        ("report.py", {}),
        (PATH, {"shop__more": "import examples.report\n"}),
        (PATH, {"shop__more": "from examples import report\n"}),
        (PATH, {"examples__more": "import report\n"}),
        (PATH, {"tests__test_report": "from examples import report\n"}),
    ],
)
def test_what_another_file_may_import_does_not_ask_at_its_top(
    path: str, others: dict[str, str]
) -> None:
    for start in ("", "#!/usr/bin/env python\n"):
        with pytest.raises(CannotWrap) as refusal:
            plan(start + OLD, start + NEW["a line"], path, **others)

        assert refusal.value.category == "import-time"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            'import sys\n\nsys.path.insert(0, "..")\n\nfrom shop.box import net\n\nprint(net(1))\n',
            'import sys\n\nsys.path.insert(0, ".")\n\nfrom shop.box import net\n\nprint(net(1))\n',
        ),
        (
            'import sys\n\nsys.path.insert(0, "..")\n\nfrom shop.box import net\n\nprint(net(1))\n',
            'import sys\n\nsys.path.insert(0, "..")\n\nfrom shop.box import net\n\nprint(net(2))\n',
        ),
        (
            'import os\n\nos.environ["A"] = "1"\nif os.sep:\n    import shop\nprint(1)\n',
            'import os\n\nos.environ["A"] = "1"\nif os.sep:\n    import shop\nprint(2)\n',
        ),
    ],
)
def test_a_client_that_may_need_what_stands_above_imports_is_not_asked(old: str, new: str) -> None:
    with pytest.raises(CannotWrap):
        plan(old, new)


@pytest.mark.parametrize(("count", "is_wrapped"), [(20, True), (40, False)])
def test_what_would_stand_there_twice_is_not_much(count: int, is_wrapped: bool) -> None:
    lines = "".join(f"print({number})\n" for number in range(count))
    old, new = (f"print('{word}')\n{lines}print('{word}')\n" for word in ("a", "b"))

    if is_wrapped:
        assert text_of(plan(old, new)).count("is_enabled") == 1
    else:
        with pytest.raises(CannotWrap):
            plan(old, new)


@pytest.mark.parametrize(
    "head",
    [
        "import sys\nfrom shop.box import net\n\nsys.path.insert(0, '..')\nimport os\n",
        "try:\n    from shop.box import net\nexcept ImportError:\n    net = None\n",
        "A = '1'\nfrom shop.box import net\n\nif __name__ == '__main__':\n    import shop.box\n",
    ],
)
def test_what_needs_nothing_above_it_is_imported_first(head: str, tmp_path: Path) -> None:
    old, new = (f"{head}\nprint(net({number}))\n" for number in (1, 2))

    wrapped = text_of(plan(old, new))

    assert ran(tmp_path, wrapped, "off") == ran(tmp_path, old) == "0 1\n"
    assert ran(tmp_path, wrapped, "on") == ran(tmp_path, new) == "0 2\n"
