"""A private definition that changes together with the files that import it, really run."""

import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from flagwright.core.change import read_change
from flagwright.core.records.change import FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.behind import Behind, behind
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.retire import retire_files
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CONVENTION = Convention(
    import_line="from shop.flags import client", check='client.is_enabled("{flag}")'
)
TOLD = POLICY.model_copy(update={"import_line": CONVENTION.import_line, "check": CONVENTION.check})
"""A client of one's own is no known one: the team says how it is asked."""
FLAG = "new-tax"
FLAGS = """\
class Client:
    asked = 0
    answers = [False]

    def is_enabled(self, name):
        self.asked += 1
        return self.answers[self.asked % len(self.answers)]


client = Client()
"""
OTHERS = {"shop/__init__.py": "", "shop/flags.py": FLAGS}
MAIN = """\
import sys
from shop.flags import client
from shop.pay import pay, fees

client.answers = [answer == "on" for answer in sys.argv[1:]]
print([pay(n) for n in range(4)], fees())
"""
NET = "_RATE = {rate}\n\n\ndef _net({parameters}):\n    return {value}\n"
PAY = """\
from shop.net import _RATE, _net, other


def pay(a):
    return _net({given})


def fees():
    many = list(map(lambda a: _net({given}), [7, 8]))
    return many, other(), _RATE
"""
MORE = "\n\ndef other():\n    return _net({given}) + _RATE\n"
OLD = {
    "shop/net.py": NET.format(rate=2, parameters="a, b=1", value="a * 10 + b")
    + MORE.format(given="5"),
    "shop/pay.py": PAY.format(given="a"),
}
NEW = {
    "shop/net.py": NET.format(rate=3, parameters="b, a", value="a * 100 + b")
    + MORE.format(given="1, 5"),
    "shop/pay.py": PAY.format(given="2, a"),
}


def changed(old: Mapping[str, str], new: Mapping[str, str]) -> list[FileChange]:
    return [
        FileChange(path=p, kind="modified", before=old[p].encode(), after=new[p].encode())
        for p in old
    ]


def wrapped(
    old: Mapping[str, str],
    new: Mapping[str, str],
    others: Mapping[str, str] = OTHERS,
    policy: WrappingPolicy = POLICY,
) -> dict[str, bytes]:
    """The repository as the plan leaves it."""
    modules = {path: text.encode() for path, text in {**others, **new}.items()}
    plan = wrap_change(
        read_change("a" * 40, "b" * 40, changed(old, new)),
        flag=FLAG,
        convention=CONVENTION,
        policy=policy,
        modules=modules,
    )
    return {**modules, **{file.path: file.text for file in plan.files if file.text is not None}}


def output(folder: Path, files: Mapping[str, bytes], *answers: str) -> str:
    for path, text in {**files, "main.py": MAIN.encode()}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text)
    command = [sys.executable, "-B", "main.py", *answers]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_every_file_asks_for_itself_and_calls_the_version_it_means(tmp_path: Path) -> None:
    files = wrapped(OLD, NEW)
    old, new = (
        output(tmp_path, {p: t.encode() for p, t in {**OTHERS, **side}.items()}, "off")
        for side in (OLD, NEW)
    )

    assert old != new
    assert output(tmp_path, files, "off") == old
    assert output(tmp_path, files, "on") == new
    assert "[2, 11, 202, 31]" in output(tmp_path, files, "off", "on")


@pytest.mark.parametrize("on", [True, False])
def test_taking_the_flag_out_gives_the_files_of_one_side_back(on: bool) -> None:
    files = wrapped(OLD, NEW)

    retired = retire_files(files, flag=FLAG, on=on)

    left = files | {file.path: file.text or b"" for file in retired.files}
    assert {path: left[path].decode() for path in OLD} == (NEW if on else OLD)


def test_what_is_wrapped_so_is_behind_the_flag_and_half_of_it_is_not() -> None:
    files = wrapped(OLD, NEW)
    both = {path: files[path].decode() for path in OLD}
    change = read_change("a" * 40, "b" * 40, changed(OLD, both))
    half = read_change(
        "a" * 40, "b" * 40, changed(OLD, {**both, "shop/pay.py": NEW["shop/pay.py"]})
    )

    assert behind(change, policy=TOLD, modules=files) == Behind(FLAG)
    assert behind(half, policy=TOLD, modules=files) is None


def test_public_names_of_internal_files_are_shared_as_well(tmp_path: Path) -> None:
    old, new = (
        {path: text.replace("_net", "net").replace("_RATE", "RATE") for path, text in side.items()}
        for side in (OLD, NEW)
    )
    policy = POLICY.model_copy(update={"internal": ("shop/*",)})

    with pytest.raises(CannotWrap):
        wrapped(old, new)
    files = wrapped(old, new, policy=policy)
    expected = output(tmp_path, {p: t.encode() for p, t in {**OTHERS, **old}.items()}, "off")
    assert output(tmp_path, files, "off") == expected


RATE = {path: NET.format(rate=n, parameters="a", value="a") for path, n in (("2", 2), ("3", 3))}
USER = {
    "shop/pay.py": "from shop.net import _RATE\n\n\ndef pay(a):\n    return a * _RATE\n\n\n"
    "def fees():\n    return [_RATE for _ in range(2)]\n"
}


def test_a_file_that_the_change_has_not_asks_as_well(tmp_path: Path) -> None:
    old, new = ({"shop/net.py": RATE[n]} for n in "23")
    files = wrapped(old, new, {**OTHERS, **USER})

    expected = [
        output(tmp_path, {p: t.encode() for p, t in {**OTHERS, **USER, **side}.items()}, "off")
        for side in (old, new)
    ]
    assert [output(tmp_path, files, side) for side in ("off", "on")] == expected
    assert "[0, 2, 6, 6] [3, 3]" in output(tmp_path, files, "off", "on")


@pytest.mark.parametrize("on", [True, False])
def test_taking_the_flag_out_gives_such_a_file_back(on: bool) -> None:
    old, new = ({"shop/net.py": RATE[n]} for n in "23")
    files = wrapped(old, new, {**OTHERS, **USER})

    retired = retire_files(files, flag=FLAG, on=on)

    left = files | {file.path: file.text or b"" for file in retired.files}
    assert left["shop/pay.py"].decode() == USER["shop/pay.py"]
    assert left["shop/net.py"].decode() == (new if on else old)["shop/net.py"]


def test_such_a_file_is_behind_the_flag() -> None:
    old = {**USER, "shop/net.py": RATE["2"]}
    files = wrapped({"shop/net.py": RATE["2"]}, {"shop/net.py": RATE["3"]}, {**OTHERS, **USER})
    both = {path: files[path].decode() for path in old}
    change = read_change("a" * 40, "b" * 40, changed(old, both))

    assert both["shop/pay.py"] != USER["shop/pay.py"]
    assert behind(change, policy=TOLD, modules=files) == Behind(FLAG)


def test_the_rest_of_a_change_does_without_a_file_that_cannot_ask() -> None:
    old, new = ({"shop/net.py": f"_RATE = {n}\n\n\ndef other():\n    return {n}\n"} for n in (2, 3))
    fixed = "from shop.net import _RATE\n\n\nclass A:\n    rate = _RATE\n"
    policy = POLICY.model_copy(update={"allow_partial": True})

    files = wrapped(old, new, {**OTHERS, "shop/more.py": fixed}, policy)

    assert b"_RATE_off" not in files["shop/net.py"]
    assert b"client.is_enabled" in files["shop/net.py"]
    assert files["shop/more.py"].decode() == fixed


@pytest.mark.parametrize(
    "other",
    [
        "from shop.net import _RATE\n\n\nclass A:\n    rate = _RATE\n",
        "from shop.net import _RATE\n\n\nDOUBLE = 2 * _RATE\n",
        "from shop.net import _RATE as r\n\n\ndef f():\n    return r\n",
        "from shop.net import _RATE\n\n\ndef f():\n    global _RATE\n    _RATE = 1\n",
        "from shop.net import _RATE\n\n\ndef f():\n    return _RATE\n\n\nprint(f())\n",
    ],
)
def test_a_file_that_takes_the_value_at_import_is_refused(other: str) -> None:
    with pytest.raises(CannotWrap):
        wrapped(
            {"shop/net.py": RATE["2"]},
            {"shop/net.py": RATE["3"]},
            {**OTHERS, **USER, "shop/more.py": other},
        )


@pytest.mark.parametrize(
    "other",
    [
        "from shop.net import _net\n\n\nx = _net(1)\n",
        "from shop import net\n\n\ndef f():\n    return net._net(1)\n",
        "from shop.net import *\n\n\ndef f():\n    return _net(1)\n",
        "def f():\n    from shop.net import _net\n\n    return _net(1)\n",
        "from shop.pay import _net\n\n\ndef f():\n    return _net(1)\n",
        "def f(load):\n    return load('shop.net._net')(1)\n",
    ],
)
def test_a_file_that_the_change_has_not_keeps_it_from_being_wrapped(other: str) -> None:
    with pytest.raises(CannotWrap):
        wrapped(OLD, NEW, {**OTHERS, "shop/more.py": other})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "from shop.net import _RATE, _net, other",
            "from shop.net import _RATE, _net as _net, other",
        ),
        ("def fees():", "__all__ = ['_net']\n\n\ndef fees():"),
        ("def fees():", "def _net(a):\n    return a\n\n\ndef fees():"),
        ("def fees():", "x = _net(1)\n\n\ndef fees():"),
        ("def fees():", "def name(f=_net):\n    return f.__name__\n\n\ndef fees():"),
        ("return many", "many.append(_net)\n    print(many[-1].__name__)\n    return many"),
        ("def fees():", "class A:\n    x = _net\n\n\ndef fees():"),
    ],
)
def test_a_file_that_does_more_than_read_the_name_is_refused(old: str, new: str) -> None:
    path = "shop/pay.py"
    both = [{**side, path: side[path].replace(old, new)} for side in (OLD, NEW)]

    with pytest.raises(CannotWrap):
        wrapped(both[0], both[1])


def test_a_value_that_another_file_changes_is_not_two() -> None:
    old, new = (
        {
            "shop/net.py": f"_SEEN = {{'a': {number}}}\n",
            "shop/pay.py": "from shop.net import _SEEN\n\n\ndef pay(a):\n    _SEEN[a] = 1\n",
        }
        for number in (1, 2)
    )

    with pytest.raises(CannotWrap):
        wrapped(old, new)
    for side in (old, new):
        side["shop/pay.py"] = side["shop/pay.py"].replace("_SEEN[a] = 1", "return _SEEN[a]")
    assert b"_SEEN_off" in wrapped(old, new)["shop/net.py"]


def test_a_test_and_a_file_with_a_name_of_its_own_are_not_in_the_way() -> None:
    others = {
        **OTHERS,
        "tests/test_net.py": "from shop.net import _net\n\n\ndef test():\n    assert _net(1, 2)\n",
        "shop/mine.py": "def _net(x):\n    return x\n\n\ndef f():\n    return _net(1)\n",
        "shop/words.py": '"""All about _net and _RATE."""\n',
    }

    assert b"_net_off" in wrapped(OLD, NEW, others)["shop/net.py"]
