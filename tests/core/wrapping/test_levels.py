"""A warning names the code that called the function, also where that got an inner one."""

import ast
import sys
import tomllib
import warnings
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from benchmarks.independent import problems
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.project import project
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CHECK = 'client.is_enabled("new-tax")'
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
HEAD = "import warnings\nfrom warnings import warn\n\n\n"
OLD = (
    HEAD
    + """\
def total(net, kind=None):
    if kind is not None:
        import warnings

        warnings.warn("old kind", DeprecationWarning, stacklevel=2)
    warn("own", stacklevel=1)
    return net


def rows(net, rate=1):
    warn(f"rows {rate}", stacklevel=2)
    yield net


async def late(net, rate=1):
    warn("late", stacklevel=2)
    return net


class Box:
    def __init__(self, size, rate=1):
        warn("box", stacklevel=2)

    def open(self, size, rate=1):
        warn("open", stacklevel=3)
"""
)
NEW = (
    OLD.replace("net, kind=None", "net, **more")
    .replace("    if kind", "    kind = more.get('kind')\n    if kind")
    .replace("old kind", "new kind")
    .replace("net, rate=1", "net, *, rate")
    .replace("size, rate=1", "rate=1, *, size")
    .replace('"open"', 'f"open {rate}"')
)
USE = """\
async def later():
    await late(1, rate=2)


def through():
    Box(size=1).open(size=2)


total(1, kind=2)
total(3)
list(rows(5, rate=4))
try:
    later().send(None)
except StopIteration:
    pass
through()
"""


def wrapped(before: str, after: str) -> str:
    file = FileChange(
        path="shop/box.py", kind="modified", before=before.encode(), after=after.encode()
    )
    found = wrap_change(
        Change(base="diff", head="diff", files=(file,), digest="0" * 64),
        flag="new-tax",
        convention=CONVENTION,
        policy=POLICY,
        modules={"shop/box.py": after.encode()},
    )
    return (found.files[0].text or b"").decode()


def warned(text: str) -> list[tuple[str, str, str]]:
    """What each warning says, and the line of code that it names."""
    files = {"box.py": text, "use.py": USE}
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        space: dict[str, object] = {"__name__": "box"}
        for name, source in files.items():
            exec(compile(source, name, "exec"), space)
    lines = {name: source.split("\n") for name, source in files.items()}
    return [
        (str(each.message), each.filename, lines[each.filename][each.lineno - 1].strip())
        for each in found
    ]


def test_each_side_names_the_line_that_its_version_names(monkeypatch: pytest.MonkeyPatch) -> None:
    client, module = SimpleNamespace(), ModuleType("flags")
    module.__dict__["client"] = client
    monkeypatch.setitem(sys.modules, "flags", module)

    text = wrapped(OLD, NEW)

    assert text.count("stacklevel=3") == 8
    assert not problems(OLD, NEW, text, "new-tax", CHECK)
    for on, version in ((False, OLD), (True, NEW)):
        client.is_enabled = lambda _, on=on: on
        assert warned(text) == warned(version)
        without = project(text, flag="new-tax", on=on)
        assert ast.dump(ast.parse(without)) == ast.dump(ast.parse(version))


@pytest.mark.parametrize(
    "line",
    [
        'warn("x", UserWarning, 2)',
        'warnings.warn("x", UserWarning, 2)',
        'warn("x", **{"stacklevel": 2})',
        'warn("x", stacklevel=net)',
        'warn("x", stacklevel=-2)',
        'warn("x", stacklevel=2, skip_file_prefixes=("a",))',
        '[warn("x", stacklevel=2) for _ in "a"]',
        '(lambda: warn("x", stacklevel=2))()',
        'def f():\n        warn("x", stacklevel=2)\n    f()',
        'warn = print\n    warn("x", stacklevel=2)',
        'w = warn\n    w("x", stacklevel=2)',
        'net.warn("x", stacklevel=2)',
        'net.warning("x", stacklevel=2)',
        'warnings.warn("x", stacklevel=2)\n    warnings.warn = print',
        'from os import warn\n    warn("x", stacklevel=2)',
    ],
)
def test_a_level_that_cannot_be_told_is_refused(line: str) -> None:
    before = f"{HEAD}def total(net, kind=None):\n    {line}\n    return net\n"

    with pytest.raises(CannotWrap) as caught:
        wrapped(before, before.replace("net, kind=None", "net, *, kind"))

    assert caught.value.category == "scope"
