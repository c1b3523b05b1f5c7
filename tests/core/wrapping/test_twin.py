"""Two definitions of one private name: where the repository, too, allows for them."""

import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest

import flagwright
from benchmarks.independent import problems
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.retire import retire_files
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
FLAG = "new-tax"
OLD = """\
_RATE = 2


def _net(a, b=0):
    return a * _RATE


class Box:
    _size = 1

    def _own(self, a, b=0):
        return a + self._size

    def all(self):
        return self._own(_net(1))
"""
NEW = """\
_RATE = 3


def _net(b, a):
    return (a - b) * _RATE


class Box:
    _size = 2

    def _own(self, b, a):
        return a + b + self._size

    def all(self):
        return self._own(3, _net(2, 1))
"""


def plan(path: str, old: str, new: str, policy: WrappingPolicy = POLICY, **others: str) -> str:
    """The wrapped file of a repository with other files."""
    modules = {name.replace("__", "/") + ".py": text.encode() for name, text in others.items()}
    file = FileChange(path=path, kind="modified", before=old.encode(), after=new.encode())
    change = Change(base="diff", head="diff", files=(file,), digest="0" * 64)
    wrapped = wrap_change(
        change,
        flag=FLAG,
        convention=CONVENTION,
        policy=policy,
        modules={**modules, path: new.encode()},
    )
    return (wrapped.files[0].text or b"").decode()


def test_every_user_asks_and_neither_definition_does() -> None:
    text = plan("shop/box.py", OLD, NEW, shop__other="def f():\n    return 1\n")

    asking = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and "is_enabled" in ast.unparse(node)
    ]
    assert asking == ["all"]
    assert text.count(f"# flag {FLAG}: off\n") == text.count(f"# flag {FLAG}: on\n") == 4


BOX = "from shop import box\n\n\n"


@pytest.mark.parametrize(
    ("other", "is_two"),
    [
        ("def _net(a):\n    return a\n\n\nx = _net(1)\n", True),
        ("class A:\n    def _net(self):\n        return self._net()\n", True),
        ("from shop import box\n\n\ndef _net():\n    return box._net(3, 2)\n", False),
        ("from shop.box import _net\n", False),
        ("from shop.box import *\n\n\ndef f():\n    return _net(2, 1)\n", False),
        ("from shop import box\n\nf = getattr(box, '_net')\n", False),
        ("from mock import patch\n\npatch.multiple('shop.box', _net=max)\n", False),
        ("def _net(box):\n    return box._net(2, 1)\n", False),
        ("from shop import box\n\n\ndef _net(n):\n    return vars(box)['_' + n]\n", False),
        (f"{BOX}def _net():\n    return box\n\n\nf = getattr(box, _net.__name__)\n", False),
        (f"{BOX}def _net():\n    return box\n\n\ncall(box, _net)\n", False),
        (f"{BOX}@over(box)\ndef _net():\n    return box\n", False),
        (f"{BOX}class A:\n    @staticmethod\n    def _net():\n        return 1\n", True),
        (f"{BOX}class A:\n    def _net(self):\n        return 1\n\n\nadd(box, dir(A))\n", False),
        (f"{BOX}def _net():\n    return 1\n\n\nbox.f.__globals__.update(globals())\n", False),
    ],
)
def test_another_file_may_have_a_private_name_of_its_own(other: str, *, is_two: bool) -> None:
    old = "def _net(a, b):\n    return a - b\n\n\ndef page(x):\n    return _net(2, 1)\n"
    new = old.replace("(a, b)", "(b, a)").replace("(2, 1)", "(1, 2)")

    if is_two:
        assert "def _net_off(a, b):" in plan("shop/box.py", old, new, shop__other=other)
    else:
        with pytest.raises(CannotWrap):
            plan("shop/box.py", old, new, shop__other=other)


def test_a_public_name_is_internal_where_the_team_says_so() -> None:
    policy = POLICY.model_copy(update={"internal": ("shop/*",)})
    old = "RATE = 1\n\n\ndef net(a, b=0):\n    return RATE\n\n\ndef page():\n    return net(1)\n"
    new = (
        old.replace("RATE = 1", "RATE = 2")
        .replace("net(a, b=0)", "net(b, a)")
        .replace("(1)", "(2, 1)")
    )

    assert "RATE_off = 1" in plan("shop/box.py", old, new, policy)
    with pytest.raises(CannotWrap):
        plan("pay/box.py", old, new, policy)
    with pytest.raises(CannotWrap):
        plan("shop/box.py", old, new, policy, shop__other="from .box import net\n")


def test_what_remembers_results_is_two_whatever_changes() -> None:
    head = "from functools import lru_cache\n\n\n@lru_cache\ndef _net(a"
    rest = "):\n    return [a]\n\n\ndef page():\n    return _net(1)\n"

    text = plan("shop/box.py", f"{head}, b=0{rest}", head + rest)

    assert text.count("@lru_cache\n") == 2
    assert "def _net_off(a, b=0):" in text
    assert not problems(
        f"{head}, b=0{rest}", head + rest, text, FLAG, CONVENTION.check.format(flag=FLAG)
    )


@pytest.mark.parametrize("other", ["shop.box import _net", "box import Box as B\nB()._own"])
def test_another_file_that_has_the_name_is_in_the_way(other: str) -> None:
    with pytest.raises(CannotWrap):
        plan("shop/box.py", OLD, NEW, shop__other=f"from {other}\n")


def test_a_test_may_have_it() -> None:
    text = plan("shop/box.py", OLD, NEW, tests__test_box="from shop.box import _net\n")

    assert "_net_off" in text


@pytest.mark.parametrize(
    ("path", "head", "is_wrapped"),
    [
        ("shop/box.py", "", False),
        ("shop/_box.py", "", True),
        ("shop/_internal/box.py", "", True),
        ("shop/box.py", '__all__ = ["page"]\n', True),
        ("shop/box.py", '__all__ = ["page", "net"]\n', False),
    ],
)
def test_a_name_is_internal_as_pep_8_says(path: str, head: str, is_wrapped: bool) -> None:
    old, new = (
        f"{head}def net({parameters}):\n    return 1\n\n\ndef page():\n    return net({given})\n"
        for parameters, given in (("a, b=0", "1"), ("b, a", "2, 1"))
    )
    if is_wrapped:
        assert "net_off" in plan(path, old, new)
        return
    with pytest.raises(CannotWrap) as caught:
        plan(path, old, new)
    assert caught.value.category == "signature"


@pytest.mark.parametrize("text", ["_RATE", "shop.box:_RATE", "shop.box._RATE"])
def test_a_text_that_leads_to_the_name_is_in_the_way(text: str) -> None:
    old, new = (f"_RATE = {n}\nNAMES = ['{text}']\n\ndef f():\n    return _RATE\n" for n in (2, 3))

    with pytest.raises(CannotWrap):
        plan("shop/box.py", old, new)

    old, new = (version.replace(f"'{text}'", "'a_RATE'") for version in (old, new))
    assert "_RATE_off" in plan("shop/box.py", old, new)


@pytest.mark.parametrize(
    ("shown", "is_wrapped"),
    [
        ("self.size()", True),
        ("self._Box__size", False),
        ("getattr(self, '_Box__size')", False),
        ("getattr(self, f'_{type(self).__name__}__size')", False),
    ],
)
def test_a_private_member_that_is_spelled_out_stays_one(shown: str, *, is_wrapped: bool) -> None:
    old = "class _Box:\n    __size = 1\n\n    def size(self):\n        return self.__size\n"
    old += f"\n\nclass Bag(_Box):\n    def show(self):\n        return {shown}\n"

    if is_wrapped:
        assert "__size_off = 1" in plan("shop/box.py", old, old.replace("= 1", "= 2"))
    else:
        with pytest.raises(CannotWrap):
            plan("shop/box.py", old, old.replace("= 1", "= 2"))


def test_another_file_that_spells_out_a_private_member_is_in_the_way() -> None:
    old = "class _Box:\n    __size = 1\n\n    def size(self):\n        return self.__size\n"

    with pytest.raises(CannotWrap):
        plan(
            "shop/box.py",
            old,
            old.replace("= 1", "= 2"),
            shop__bag="def f(x):\n    return x._Box__size\n",
        )


def test_a_name_that_the_old_definition_would_need_is_taken() -> None:
    with pytest.raises(CannotWrap):
        plan("shop/box.py", f"{OLD}\n\n_net_off = 1\n", f"{NEW}\n\n_net_off = 1\n")


@pytest.mark.parametrize("keep", ["on", "off"])
def test_retiring_gives_either_version_back(keep: str) -> None:
    text = plan("shop/box.py", OLD, NEW)
    files = {"shop/box.py": text.encode()}

    retired = retire_files(files, flag=FLAG, on=keep == "on")

    assert [s.treatment for s in retired.coverage] == []
    assert (retired.files[0].text or b"").decode() == (NEW if keep == "on" else OLD)
    assert flagwright.project(text, flag=FLAG, on=keep == "on") == (NEW if keep == "on" else OLD)


def test_a_name_of_their_own_that_looks_like_ours_stays() -> None:
    old = "def net_off(a):\n    return a\n\n\ndef f():\n    return net_off(1)\n"
    new = "def f():\n    return 2\n"

    text = plan("shop/box.py", old, new)

    back = flagwright.project(text, flag=FLAG, on=False)
    assert ast.dump(ast.parse(back)) == ast.dump(ast.parse(old))


UNKNOWN = "from lib import Base\n\n\nclass Box(Base):\n    def go(self):\n        return 1\n"
WITH_OWN = UNKNOWN.replace("return 1", "return self._own(2)") + (
    "\n    def _own(self, n):\n        return n\n"
)


@pytest.mark.parametrize("on", [False, True])
@pytest.mark.parametrize("base_has_it", [False, True])
@pytest.mark.parametrize("gains", [False, True])
def test_a_private_method_asks_upwards_where_the_base_is_not_known(
    on: bool, base_has_it: bool, gains: bool
) -> None:
    before, after = (UNKNOWN, WITH_OWN) if gains else (WITH_OWN, UNKNOWN)
    text = plan("shop/box.py", before, after)

    space: dict[str, object] = {}
    members = "    def _own(self, n):\n        return -n\n" if base_has_it else "    pass\n"
    head = f"class Base:\n{members}\nclass client:\n    is_enabled = staticmethod(lambda _: {on})\n"
    lines = [line for line in text.splitlines() if not line.startswith("from ")]
    exec(head + "\n".join(lines), space)
    box = space["Box"]()  # type: ignore[operator] # a class made above
    is_own = on == gains
    assert box.go() == (2 if is_own else 1)
    if base_has_it:
        assert box._own(2) == (2 if is_own else -2)
    for keep in (True, False):
        assert flagwright.project(text, flag=FLAG, on=keep) == (after if keep else before)
        retired = retire_files({"a.py": text.encode()}, flag=FLAG, on=keep).files[0].text
        assert retired == (after if keep else before).encode()


@pytest.mark.parametrize("name", ["own", "_visit_x", "_repr_html_", "__own__"])
def test_a_method_that_a_base_may_look_for_is_refused(name: str) -> None:
    with pytest.raises(CannotWrap) as caught:
        plan("shop/box.py", UNKNOWN, WITH_OWN.replace("_own", name))
    assert caught.value.category == "class-body"


BAG = "class Bag({0}):\n    def _own(self):\n        return {1}\n"


@pytest.mark.parametrize(
    ("other", "is_wrapped"),
    [
        (BAG.format("", "self._own()"), True),
        ("def f(box):\n    return box._own(1)\n", False),
        ("def f(box):\n    return getattr(box, '_own')(1)\n", False),
        ("from shop.box import Box\n\n\n" + BAG.format("", "Box()"), False),
        ("from shop.heir import Heir\n\n\n" + BAG.format("Heir", "1"), False),
    ],
)
def test_a_class_that_is_no_relation_may_have_the_same_name(other: str, is_wrapped: bool) -> None:
    heir = "from shop.box import Box\n\n\nclass Heir(Box):\n    pass\n"
    if is_wrapped:
        assert "_own_off" in plan("shop/box.py", OLD, NEW, shop__other=other, shop__heir=heir)
        return
    with pytest.raises(CannotWrap):
        plan("shop/box.py", OLD, NEW, shop__other=other, shop__heir=heir)


def test_where_the_old_one_cannot_step_aside_both_may_be_one() -> None:
    old = "from others import Command\n\n\nclass Box(Command):\n    def _run(self, a, b=1):\n"
    old += "        return a, b\n\n    def all(self):\n        return self._run(1)\n"
    new = old.replace("b=1", "c, b=2").replace("_run(1)", "_run(1, 2)")
    base = "class Command:\n    def _run_off(self):\n        return 1\n"

    with pytest.raises(CannotWrap, match="_run_off"):
        plan("shop/box.py", old, new, others=base)

    assert "is not ..." in plan(
        "shop/box.py",
        old,
        new.replace("c, b=2", "b=2, *, c").replace("1, 2", "1, c=2"),
        others=base,
    )


TITLED = "\n\ndef f(x):\n    return {0}\n"
TELLS = "def call(f, *a):\n    print(f.{0})\n    return f(*a)\n"


@pytest.mark.parametrize(
    ("head", "use", "other", "is_wrapped"),
    [
        (
            "from shop.run import call",
            "call(_net, x)",
            "def call(f, *a):\n    return f(*a)\n",
            True,
        ),
        ("from shop.run import call", "call(_net, x)", TELLS.format("func_name"), True),
        ("from threading import Thread", "Thread(target=_net)", "", True),
        ("import joblib", "joblib.delayed(_net)(x)", "", True),
        ("from shop.run import call", "_net(call(x))", TELLS.format("__name__"), True),
        ("from shop.run import call", "call(_net, x)", TELLS.format("__name__"), False),
        ("from .run import call", "call([_net], x)", TELLS.format("__qualname__"), False),
        (
            "import shop.run",
            "shop.run.call(fn=_net)",
            "from functools import wraps\n\n\ndef call(fn):\n    return wraps(fn)(print)\n",
            False,
        ),
        ("from shop.run import call", "call(_net)", "from click import command as call\n", False),
        (
            "from shop.run import app",
            "app.task(_net)",
            "from celery import Celery\n\napp = Celery()\n",
            False,
        ),
        (
            "from shop.run import f as g",
            "g(_net)",
            "import typer\n\n\ndef f(a):\n    typer.run(a)\n",
            False,
        ),
        ("import click", "click.command()(_net)", "", False),
        ("import flask\n\napp = flask.Flask('x')", "app.route('/')(_net)", "", False),
    ],
)
def test_who_may_ask_what_a_private_function_is_called_is_in_the_way(
    head: str, use: str, other: str, *, is_wrapped: bool
) -> None:
    old, new = ("\n\ndef _net(a, b=0):\n    return a\n", "\n\ndef _net(b, a):\n    return b - a\n")
    files: dict[str, Any] = {"shop__run": other or "RUN = 1\n"}
    old, new = (head + net + TITLED.format(use) for net in (old, new))

    if is_wrapped:
        assert "_net_off" in plan("shop/box.py", old, new, POLICY, **files)
    else:
        with pytest.raises(CannotWrap) as caught:
            plan("shop/box.py", old, new, POLICY, **files)
        assert caught.value.category == "signature"


@pytest.mark.parametrize(("word", "is_wrapped"), [("func_name", True), ("__name__", False)])
def test_so_is_who_gets_it_from_a_file_that_imports_it(word: str, *, is_wrapped: bool) -> None:
    user = "from shop.box import _net\nfrom shop.run import call\n" + TITLED.format("call(_net, x)")
    old, new = "def _net(a, b=0):\n    return a\n", "def _net(b, a):\n    return b - a\n"
    files: dict[str, Any] = {"shop__run": TELLS.format(word), "shop__user": user}

    if is_wrapped:
        assert "_net_off" in plan("shop/box.py", old, new, POLICY, **files)
    else:
        with pytest.raises(CannotWrap) as caught:
            plan("shop/box.py", old, new, POLICY, **files)
        assert caught.value.category == "signature"
