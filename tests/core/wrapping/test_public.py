"""Two values of a public constant, really run: the old one keeps the name for readers outside."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.independent import problems
from flagwright.core.change import read_change
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.retire import retire_files
from flagwright.core.wrapping.wrapped import Wrapped
from flagwright.errors import CannotWrap
from tests.core.wrapping.test_shared import CONVENTION, FLAG, OTHERS, POLICY, changed

BOX = """\
import re

RATE = 2
WORD = re.compile("a")
TWICE = RATE * 2


class Gone:
    def of(self, a):
        return a - RATE


def net(a):
    return a * RATE


def found(text):
    if WORD.match(text):
        return TWICE
    return [RATE for _ in range(RATE)]
"""
NEW = BOX.replace("RATE = 2", "RATE = 3").replace('"a"', '"b"').replace("Gone", "Come")
SHOWN = """\
import shop.box as box
print(box.net(1), box.found("a"), box.found("b"))
"""
READS = "import shop.box as box\n\n\ndef f(name):\n    return {0}\n"


def plan(
    old: str, new: str, others: Mapping[str, str] = {}, *, keeps: bool = True
) -> tuple[Wrapped, dict[str, bytes]]:
    files = {path: text.encode() for path, text in {**OTHERS, **others, "shop/box.py": new}.items()}
    wrapped = wrap_change(
        read_change("a" * 40, "b" * 40, changed({"shop/box.py": old}, {"shop/box.py": new})),
        flag=FLAG,
        convention=CONVENTION,
        policy=POLICY.model_copy(update={"keeps_public_values": keeps}),
        modules=files,
    )
    return wrapped, {**files, **{f.path: f.text for f in wrapped.files if f.text is not None}}


def output(folder: Path, files: Mapping[str, bytes], program: str, *answers: str) -> str:
    main = "import sys\nfrom shop.flags import client\n"
    main += f"client.answers = [a == 'on' for a in sys.argv[1:]]\n{program}"
    for path, text in {**files, "main.py": main.encode()}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text)
    command = [sys.executable, "-B", "main.py", *answers]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_code_inside_asks_and_code_outside_has_the_old_value(tmp_path: Path) -> None:
    wrapped, files = plan(BOX, NEW)
    plain = {path: text.encode() for path, text in OTHERS.items()}
    old, new = (
        output(tmp_path, {**plain, "shop/box.py": side.encode()}, SHOWN, "off")
        for side in (BOX, NEW)
    )
    outside = "import shop.box as box\nprint(box.RATE, box.TWICE, box.WORD.pattern)\n"

    assert old != new
    assert output(tmp_path, files, SHOWN, "off") == old
    assert output(tmp_path, files, SHOWN, "on") == new
    assert {output(tmp_path, files, outside, side) for side in ("off", "on")} == {"2 4 a\n"}
    assert any("`RATE` has its old value" in note for note in wrapped.notes)
    asked = CONVENTION.check.format(flag=FLAG)
    assert not problems(BOX, NEW, files["shop/box.py"].decode(), FLAG, asked)


def test_what_sets_it_from_outside_counts_with_the_flag_off(tmp_path: Path) -> None:
    program = f"import shop.box\nshop.box.RATE = 50\n{SHOWN}"

    files = plan(BOX, NEW)[1]

    assert output(tmp_path, files, program, "off").startswith("50 ")


@pytest.mark.parametrize(("on", "side"), [(False, BOX), (True, NEW)])
def test_taking_the_flag_out_gives_the_name_its_one_value(on: bool, side: str) -> None:
    files = plan(BOX, NEW)[1]

    retired = retire_files(files, flag=FLAG, on=on)

    assert {f.path: f.text for f in retired.files}["shop/box.py"] == side.encode()


def test_a_team_may_say_that_no_public_constant_has_two_values() -> None:
    with pytest.raises(CannotWrap):
        plan(BOX, NEW, keeps=False)


@pytest.mark.parametrize("folder", ["shop", "tests"])
@pytest.mark.parametrize(
    "other",
    [
        READS.format("box.RATE"),
        READS.format("box.net(getattr(box, name))"),
        READS.format("vars(box)[name]"),
        READS.format("[getattr(box, n) for n in dir(box)]"),
        READS.format("setattr(box, 'RATE', name)"),
        READS.format("patch.multiple(box, RATE=name)"),
        "from shop.box import RATE\n",
        "from shop.box import RATE as rate\n",
        "from shop.box import *\n",
        "import sys\n\n\ndef f():\n    return sys.modules['shop.' + 'box'].RATE\n",
        "def f(patch):\n    return patch('shop.box.RATE', 3)\n",
        READS.format("getattr(box, 'RATE_on', 0)"),
        "try:\n    from shop.box import RATE_on\nexcept ImportError:\n    RATE_on = 0\n",
        READS.format("looked(box, name)"),
        "from shop import box\n\nALL = {'box': box}\n",
        "from shop import box\n\n\ndef f(name):\n    m = box\n    return vars(m)[name]\n",
        "import shop\n\n\ndef f(a, b):\n    return getattr(getattr(shop, a), b)\n",
        "import sys\n\nFOUND = [m.__dict__ for k, m in sys.modules.items()]\n",
        "from types import ModuleType\n\n\n"
        "class Kind(ModuleType):\n    def all(self):\n        return self.RATE\n",
        "import shop.box\n\nKINDS = shop.box.__annotations__\n",
    ],
)
def test_no_other_file_of_the_repository_may_have_the_name(folder: str, other: str) -> None:
    with pytest.raises(CannotWrap):
        plan(BOX, NEW, {f"{folder}/test_other.py": other})


def test_a_module_that_is_only_imported_is_not_read() -> None:
    line = "\n\ndef load(name):\n    __import__(name)\n"

    assert b"RATE_on = 3" in plan(BOX + line, NEW + line)[1]["shop/box.py"]


@pytest.mark.parametrize(
    ("looked", "is_wrapped"), [("shop.flags.Client", True), ("shop.box", False)]
)
def test_a_look_into_what_is_beside_it_is_none_into_its_package(
    looked: str, is_wrapped: bool
) -> None:
    other = f"import shop\nimport shop.flags\n\n\ndef f(a):\n    return getattr({looked}, a)\n"

    if is_wrapped:
        assert b"RATE_on = 3" in plan(BOX, NEW, {"shop/other.py": other})[1]["shop/box.py"]
    else:
        with pytest.raises(CannotWrap):
            plan(BOX, NEW, {"shop/other.py": other})


def test_a_name_that_another_file_binds_itself_is_another_one() -> None:
    other = "RATE = 7\n\n\ndef f(self):\n    return RATE + self.RATE  # of shop.box.RATE\n"

    assert b"RATE_on = 3" in plan(BOX, NEW, {"shop/other.py": other})[1]["shop/box.py"]


@pytest.mark.parametrize(
    "line",
    [
        "def g(a):\n    global RATE\n    RATE = a",
        "def g(a):\n    return globals()[a]",
        "def g():\n    return eval('RATE')",
        "def g(text):\n    return eval(text)",
        "def g(text):\n    return net.__globals__[text]",
        "import importlib\n\n\ndef g(text):\n    return vars(importlib.import_module(text))[text]",
        "def g():\n    import shop.box\n    return shop.box.RATE",
        "def g(text):\n    import shop.box as box\n    return getattr(box, text)",
        "import sys\n\n\ndef g(a, b):\n    __import__(a)\n    return getattr(sys.modules[a], b)",
        "import pkgutil\n\n\ndef g(text):\n    return pkgutil.resolve_name(text)",
        "import inspect\n\n\ndef g(text):\n    return getattr(inspect.getmodule(net), text)",
        "def g(a: 'Annotated[int, RATE]'):\n    return a",
        "def g():\n    '''\n    >>> RATE + 1\n    4\n    '''",
        "def __getattr__(name):\n    return name",
        "__all__ = ['RATE']",
        "RATE_on = 5",
        "def g(a, RATE=1):\n    return RATE",
        "LATE = net(2)",
        "assert RATE",
        "if RATE > 2:\n    BIG = 1",
    ],
)
def test_its_own_file_only_reads_it_in_functions(line: str) -> None:
    with pytest.raises(CannotWrap):
        plan(f"{BOX}\n\n{line}\n", f"{NEW}\n\n{line}\n")


@pytest.mark.parametrize(
    "old",
    [
        "SEEN = [1]\n\n\ndef f(a):\n    SEEN.append(a)\n    return len(SEEN)\n",
        "SEEN = object()\n\n\ndef f(a, b=SEEN):\n    return b is SEEN\n",
    ],
)
def test_what_may_change_or_be_told_apart_is_not_two(old: str) -> None:
    with pytest.raises(CannotWrap):
        plan(old, old.replace("[1]", "[2]").replace("object()", "frozenset()"))


def test_a_type_that_is_read_later_has_one_value() -> None:
    old = "from __future__ import annotations\n\nRATE = 2\n\n\n"
    old += "def net(a: Annotated[int, RATE]):\n    return a * RATE\n"

    with pytest.raises(CannotWrap):
        plan(old, old.replace("= 2", "= 3"))


@pytest.mark.parametrize(
    "line",
    [
        "import sys\n\nif 'pytest' in sys.modules:\n    LATE = 1\n",
        "import sys\n\n\ndef f(a, b, c):\n    sys.modules[a] = b\n    return getattr(b, c)\n",
    ],
)
def test_what_looks_for_a_module_and_reads_none_of_its_names_is_no_reader(line: str) -> None:
    assert b"RATE_on = 3" in plan(BOX, NEW, {"shop/other.py": line})[1]["shop/box.py"]
