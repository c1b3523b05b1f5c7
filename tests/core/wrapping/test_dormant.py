"""What runs nothing at import, by what the policy knows and what the repository shows."""

import tomllib
from pathlib import Path

import pytest

import flagwright
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
FLAG = "new-tax"
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')


def plan(before: str, after: str, **others: str) -> str:
    """The wrapped file, which gives both versions back."""
    file = FileChange(
        path="shop/a.py", kind="modified", before=before.encode(), after=after.encode()
    )
    modules = {f"shop/{name}.py": text.encode() for name, text in others.items()}
    wrapped = wrap_change(
        Change(base="diff", head="diff", files=(file,), digest="0" * 64),
        flag=FLAG,
        convention=CONVENTION,
        policy=POLICY,
        modules={"shop/__init__.py": b"", "shop/a.py": after.encode(), **modules},
    )
    text = (wrapped.files[0].text or b"").decode()
    assert flagwright.project(text, flag=FLAG, on=False) == before
    assert flagwright.project(text, flag=FLAG, on=True) == after
    return text


HEAD = "{imports}\n\n\ndef f():\n    return {n}\n"
LOGGED = """import functools

FOUND = {{}}


def logged(name):
    def wrapped(function):
        @functools.wraps(function)
        def inner(*args):
            print(name)
            return function(*args)

        {registered}return inner

    return wrapped
"""
PLAIN = """import functools


def plain(function=None):
    if function is None:
        return plain

    @functools.wraps(function)
    def inner():
        return function()

    inner.is_plain = True
    return functools.update_wrapper(inner, function)
"""


@pytest.mark.parametrize(
    ("decorator", "text", "is_dormant"),
    [
        ('@logged("x")', LOGGED.format(registered=""), True),
        ('@logged("x")', LOGGED.format(registered="FOUND[name] = inner\n        "), False),
        ('@logged("x")', LOGGED.format(registered="function()\n        "), False),
        ("@logged(f())", LOGGED.format(registered=""), False),
        ("@logged", "def logged(function):\n    return function\n", True),
        ("@logged", "def logged(function):\n    return make(function)\n", False),
        ("@logged", "import other\n\nlogged = other.logged\n", False),
        ("@logged", PLAIN + "\n\nlogged = plain\n", False),
        (
            "@logged",
            PLAIN.replace("def plain", "def logged").replace("return plain", "return logged"),
            False,
        ),
        (
            "@logged",
            PLAIN.replace("def plain", "def logged").replace("return plain", "return function"),
            True,
        ),
    ],
)
def test_a_decorator_of_the_repository_is_pure_where_its_code_shows_it(
    decorator: str, text: str, *, is_dormant: bool
) -> None:
    old = HEAD.format(imports="from shop.tools import logged", n=1)
    new = HEAD.format(imports="from shop.tools import logged", n="g()")
    new += f"\n\n{decorator}\ndef g():\n    return 7\n"

    if is_dormant:
        assert f"# flag {FLAG}: on\n{decorator}\ndef g" in plan(old, new, tools=text)
    else:
        with pytest.raises(CannotWrap, match="the decorator of `g` runs"):
            plan(old, new, tools=text)


PAGE = "class Page({base}):\n    def run(self):\n        return {n}\n"


@pytest.mark.parametrize(
    ("imports", "base", "name", "is_known"),
    [
        ("from tornado.web import RequestHandler", "RequestHandler", "total", True),
        ("from tornado.web import RequestHandler", "RequestHandler", "on_total", False),
        ("from shop.base import Handler", "Handler", "total", True),
        ("from somewhere import Handler", "Handler", "total", False),
        ("from somewhere import Handler", "Handler", "_total", True),
        ("from somewhere import Handler", "Handler", "_total_default", False),
        ("import ast", "ast.NodeVisitor", "total", True),
        ("import ast", "ast.NodeVisitor", "visit_Name", False),
        ("from flask.views import MethodView", "MethodView", "delete", False),
        ("from tornado.web import RequestHandler", "RequestHandler, Other", "total", False),
        ("from django.db import models", "models.Model", "total", True),
        ("from django.db import models", "models.Model", "get_total_display", False),
        ("import graphene", "graphene.Mutation", "resolve_total", False),
        ("from textual.widget import Widget", "Widget", "_watch_total", False),
    ],
)
def test_a_new_method_asks_its_bases_where_it_is_known_what_these_look_for(
    imports: str, base: str, name: str, *, is_known: bool
) -> None:
    page = f"{imports}\n\n\n{PAGE}".format(base=base, n=1)
    new = f"{imports}\n\n\n{PAGE}".format(base=base, n=f"self.{name}(2)")
    new += f"\n    def {name}(self, count):\n        return count\n"
    other = "from tornado.web import RequestHandler\n\n\nclass Handler(RequestHandler):\n    pass\n"

    if is_known:
        text = plan(page, new, base=other)
        assert f'client.is_enabled("new-tax") and hasattr(super(), "{name}")' in text
        assert f"return super().{name}(count)" in text
    else:
        with pytest.raises(CannotWrap, match="may override"):
            plan(page, new, base=other)


KEEPING = """import functools


class weak:
    def __init__(self, function, more=None):
        {line}
        self.__doc__ = function.__doc__

    def __get__(self, one, owner=None):
        return self if one is None else self.function(one)
"""
ROW = """from shop.tools import weak


class Row:
    def __init__(self):
        {line}

    @weak
    def total(self):
        return 1
"""


def kept(text: str, line: str = "pass", decorator: str = "@weak") -> str:
    before = ROW.format(line=line)
    after = f"{before}\n    {decorator}\n    def more(self):\n        return 2\n"
    return plan(before, after, tools=text)


@pytest.mark.parametrize(
    "line",
    [
        "self.function = function",
        "self.function: object = function",
        "functools.update_wrapper(self, function)",
    ],
)
def test_a_class_that_keeps_a_function_is_a_plain_decorator(line: str) -> None:
    text = kept(KEEPING.format(line=line), "self.more = 3")

    assert f"    # flag {FLAG}: on\n    @weak\n    def more" in text


@pytest.mark.parametrize(
    "text",
    [
        KEEPING.format(line="FOUND.append(function)"),
        KEEPING.format(line="self.function = function()"),
        KEEPING.format(line="self.function = function.parent"),
        KEEPING.format(line="FOUND.function = function"),
        KEEPING.format(line="self.function = FOUND"),
        KEEPING.format(line="other.function = function"),
        KEEPING.format(line="self.function = function").replace("__get__", "__set_name__"),
        KEEPING.format(line="self.function = function").replace("__get__", "function"),
        KEEPING.format(line="self.function = function").replace("class weak", "@made\nclass weak"),
        KEEPING.format(line="self.function = function").replace("weak:", "weak(Base):"),
        KEEPING.format(line="self.function = function").replace("weak:", "weak(metaclass=M):"),
        KEEPING.format(line="self.function = function").replace("__init__", "__call__"),
    ],
)
def test_a_class_that_does_more_with_a_function_is_not(text: str) -> None:
    with pytest.raises(CannotWrap, match="the decorator of `more` runs"):
        kept(text)
    with pytest.raises(CannotWrap, match="the decorator of `more` runs"):
        kept(KEEPING.format(line="self.function = function"), decorator="@weak(3)")


@pytest.mark.parametrize("more", ["    def __set__(self, one, value):\n        pass\n", ""])
def test_a_class_that_decides_on_its_own_being_set_forbids_it(more: str) -> None:
    text = KEEPING.format(line="self.function = function") + more
    text = text if more else text.replace("weak:", "weak(property):")

    with pytest.raises(CannotWrap, match="`more` is also set as an attribute"):
        kept(text, "self.more = 3")


STAGE = "{imports}\n\n\nclass Stage({base}):\n    def step(self):\n        return {n}\n"


@pytest.mark.parametrize(
    ("imports", "base", "name"),
    [
        ("import argparse", "argparse.Action", "reset"),
        ("from logging import Handler", "Handler", "reset"),
        ("from logging.handlers import QueueHandler as Queue", "Queue", "reset"),
        ("from shop.base import Thread", "Thread", "reset"),
    ],
)
def test_a_method_that_no_base_of_python_has_is_new(imports: str, base: str, name: str) -> None:
    page, new = (STAGE.format(imports=imports, base=base, n=n) for n in (1, f"self.{name}()"))
    new += f"\n    def {name}(self):\n        return 2\n"
    other = "import threading\n\n\nclass Thread(threading.Thread):\n    pass\n"

    text = plan(page, new, base=other, user=f"def f(x):\n    return x.{name}()\n")

    assert f"    # flag {FLAG}: on\n    def {name}(self):\n        return 2\n" in text


@pytest.mark.parametrize(
    ("imports", "base", "name"),
    [
        ("import argparse", "argparse.Action", "format_usage"),
        ("from logging import Handler", "Handler", "emit"),
        ("import ast", "ast.NodeVisitor", "visit_Name"),
        ("from shop.base import Thread", "Thread", "run"),
        ("from argparse import Other", "Other", "reset"),
        ("from argparse import Action\n\nAction = wrap(Action)", "Action", "reset"),
    ],
)
def test_a_method_that_a_base_of_python_may_have_is_refused(
    imports: str, base: str, name: str
) -> None:
    page, new = (STAGE.format(imports=imports, base=base, n=n) for n in (1, f"self.{name}()"))
    new += f"\n    def {name}(self, more):\n        return 2\n"
    other = "import threading\n\n\nclass Thread(threading.Thread):\n    pass\n"

    with pytest.raises(CannotWrap, match="may override"):
        plan(page, new, base=other, user=f"def f(x):\n    return x.{name}()\n")


KIND = "from {module} import StrEnum\n\n\nclass Kind(StrEnum):\n    A = 'a'\n{more}"
SLUG = "\n    @property\n    def {name}(self):\n        return self.value\n"


def test_an_enum_of_python_has_no_method_but_those_that_it_has() -> None:
    known, other = (KIND.format(module=module, more="") for module in ("enum", "somewhere"))
    asked = "\n\ndef f(kind):\n    return {}\n"
    before = asked.format("kind.value")

    text = plan(known + before, known + SLUG.format(name="slug") + asked.format("kind.slug"))
    assert "    # flag new-tax: on\n    @property\n    def slug" in text
    for head, name in ((known, "title"), (known, "name"), (other, "slug")):
        with pytest.raises(CannotWrap, match=f"`{name}` may override"):
            plan(head + before, head + SLUG.format(name=name) + asked.format(f"kind.{name}"))


IMPORTED = "import sys\n\n{block}\ndef f():\n    return {n}\n"
CHOICE = "if sys.platform == 'win32':\n    {one}\nelse:\n    {two}\n\n"
ATTEMPT = "try:\n    {one}\nexcept {error}:\n    {two}\n\n"


@pytest.mark.parametrize(
    ("block", "is_dormant"),
    [
        (CHOICE.format(one="import winreg", two="winreg = None"), True),
        (CHOICE.format(one="def g():\n        return 1", two="g = None"), True),
        (CHOICE.format(one="start()", two="pass"), False),
        (CHOICE.replace("sys.platform", "start()").format(one="pass", two="pass"), False),
        (CHOICE.format(one="len = None", two="pass"), False),
        (ATTEMPT.format(one="import yaml", error="ImportError", two="yaml = None"), True),
        (
            ATTEMPT.format(one="import x", error="(ImportError, ModuleNotFoundError)", two="pass"),
            True,
        ),
        (ATTEMPT.format(one="import x", error="(ImportError, OSError)", two="x = None"), False),
        (ATTEMPT.format(one="import yaml", error="Exception", two="yaml = None"), False),
        (ATTEMPT.format(one="yaml = load()", error="ImportError", two="yaml = None"), False),
    ],
)
def test_a_new_choice_of_imports_is_dormant_where_all_in_it_is(
    block: str, *, is_dormant: bool
) -> None:
    old, new = IMPORTED.format(block="", n="len('')"), IMPORTED.format(block=block, n="len('a')")

    if is_dormant:
        assert f"# flag {FLAG}: on\n{block.split(maxsplit=1)[0]}" in plan(old, new)
    else:
        with pytest.raises(CannotWrap):
            plan(old, new)


def test_an_import_that_a_new_choice_puts_over_another_is_refused() -> None:
    old = "import json\n\n\ndef f():\n    return json.dumps(1)\n"
    new = "try:\n    import ujson as json\nexcept ImportError:\n    import json\n\n\n"
    new += "def f():\n    return json.dumps(2)\n"

    with pytest.raises(CannotWrap, match="`json` means something else"):
        plan(old, new)


DOCUMENTED = 'def g():\n    """{words}"""\n    return 1\n\n\ndef f(x):\n    {use}\n    return {n}\n'


@pytest.mark.parametrize(
    ("use", "is_refused"),
    [
        ("print(x.__doc__, g())", False),
        ("print(x.__doc__, f(g))", True),
        ("print(g.__doc__)", True),
    ],
)
def test_a_docstring_is_behaviour_only_where_its_function_is_handed_on(
    use: str, *, is_refused: bool
) -> None:
    old = DOCUMENTED.format(words="Old.", use=use, n=1)
    new = DOCUMENTED.format(words="New.", use=use, n=2)

    if is_refused:
        with pytest.raises(CannotWrap, match="`g` changes, and line 7 reads docstrings"):
            plan(old, new)
    else:
        assert "is_enabled" in plan(old, new)


@pytest.mark.parametrize(
    ("use", "is_refused"),
    [
        ("print(x.__doc__)", False),
        ("print(__doc__)", True),
        ("print(x.__doc__, sys.modules[__name__])", True),
        ("print(x.__doc__, globals()['__doc__'])", True),
        ("print(x.__doc__, g.__globals__['__doc__'])", True),
        ("print(x.__doc__, eval('__doc__'))", True),
    ],
)
def test_the_docstring_of_the_file_is_behaviour_where_the_file_may_be_asked_for_it(
    use: str, *, is_refused: bool
) -> None:
    text = f'"""{{words}}"""\n\nimport sys\n\n\ndef f(x):\n    {use}\n    return {{n}}\n'
    old, new = (text.format(words=words, n=n) for words, n in (("Old.", 1), ("New.", 2)))

    if is_refused:
        with pytest.raises(CannotWrap, match="the docstring of the file changes, and line 7"):
            plan(old, new)
    else:
        assert "is_enabled" in plan(old, new)


def test_a_method_that_only_gets_another_name_is_not_called_at_import() -> None:
    text = "class App:\n    @classmethod\n    def launch(cls):\n        return {n}\n"
    text += "\n\nmain = App.launch\n"

    assert "is_enabled" in plan(text.format(n=1), text.format(n=2))
    with pytest.raises(CannotWrap, match="read while the file is imported"):
        plan(text.format(n=1) + "main()\n", text.format(n=2) + "main()\n")


HANDLER = """from aiohttp import web


class Api:
    async def info(self, request: {known}) -> int:
        return 1
"""
NEW_METHOD = """
    def _more(self, request: list[web.Request]) -> None:
        print(request)
"""


@pytest.mark.parametrize("known", ["web.Request", "web.Response"])
def test_what_each_version_looks_up_at_import_may_be_looked_up_again(known: str) -> None:
    before = HANDLER.format(known=known)
    after = before.replace("return 1", "return self._more([request]) or 2") + NEW_METHOD

    wrapped = plan(before, after)

    assert f"    # flag {FLAG}: on\n    def _more(" in wrapped


VALUES = """from aiohttp import web

{value}


class Api:
    async def info(self, request: int) -> int:
        return 1
"""


@pytest.mark.parametrize(
    "value",
    [
        "KINDS = {'a': [web.Request]}",
        "made = print(web.Request)",
        "KIND: type = web.Response",
        "class Kind:\n    kinds = {'a': web.Request}",
    ],
)
def test_what_a_value_at_the_top_looks_up_may_be_looked_up_again(value: str) -> None:
    before = VALUES.format(value=value)
    after = before.replace("return 1", "return self._more([request]) or 2") + NEW_METHOD

    assert f"    # flag {FLAG}: on\n    def _more(" in plan(before, after)


def test_a_value_that_looks_up_the_same_may_be_there_twice() -> None:
    text = "from aiohttp import web\n\n_KINDS = {n}\n\n\ndef f(kind):\n    return _KINDS[kind]\n"

    wrapped = plan(
        text.format(n="{'a': web.Request}"), text.format(n="{'a': web.Request, 'b': int}")
    )

    assert "_KINDS_off = {'a': web.Request}" in wrapped
    with pytest.raises(CannotWrap, match="runs when the file is imported"):
        plan(text.format(n="{'a': web.Request}"), text.format(n="{'a': web.request}"))
    with pytest.raises(CannotWrap, match="runs when the file is imported"):
        plan(text.format(n="{'a': int}"), text.format(n="{'a': web.Request}"))


@pytest.mark.parametrize(
    "before",
    [
        VALUES.format(value="KINDS = [web.Request for kind in ()]"),
        VALUES.format(value="KIND = web and web.Request"),
        VALUES.format(value="KIND = lambda: web.Request"),
        VALUES.format(value="if print:\n    KIND = web.Request"),
        VALUES.format(value="def kind():\n    return web.Request"),
        VALUES.format(value="class Kind:\n    web = web\n    kind = web.Request"),
        VALUES.format(value="KIND = web.Request\nweb.Request = int"),
        VALUES.format(value="KIND: web.Request"),
        VALUES.format(value="KIND = web.Request\nif print:\n    from shop import web"),
        VALUES.format(value="KIND = web.Request\ndel web\nfrom shop import web"),
        HANDLER.format(known="web.DEFAULT"),
        HANDLER.format(known="web.default"),
        HANDLER.format(known="web.ext.Response"),
        HANDLER.format(known="int if web else web.Request"),
        HANDLER.format(known="web.Request").replace("\nclass", "\nweb.Request = int\n\n\nclass"),
        HANDLER.format(known="web.Request").replace(
            "class Api:\n", "class Api:\n    web = web\n\n"
        ),
        "if print:\n    "
        + HANDLER.format(known="web.Request")
        .strip()
        .replace("\n", "\n    ")
        .replace("    \n", "\n")
        + "\n",
    ],
    ids=[
        "in a loop",
        "if",
        "later",
        "in an if",
        "in a function",
        "by a class",
        "set",
        "a type alone",
        "imported again",
        "imported anew",
        "a constant",
        "a value",
        "of another",
        "perhaps",
        "changed",
        "of the class",
        "in a block",
    ],
)
def test_what_importing_may_not_look_up_is_refused(before: str) -> None:
    method = NEW_METHOD if before.startswith("from") else NEW_METHOD.replace("\n    ", "\n        ")
    after = before.replace("return 1", "return self._more([request]) or 2") + method

    with pytest.raises(CannotWrap, match="default or type of `_more`"):
        plan(before, after)


def test_an_annotation_that_is_never_evaluated_is_no_reason_to_look_it_up() -> None:
    before = "from __future__ import annotations\n" + HANDLER.format(known="web.Request")
    method = "\n    def _more(self, request=web.Request):\n        print(request)\n"
    after = before.replace("return 1", "return self._more()") + method

    with pytest.raises(CannotWrap, match="default or type of `_more`"):
        plan(before, after)


@pytest.mark.parametrize(
    ("head", "test"),
    [
        ("from conf import settings", "settings.TYPE_CHECKING"),
        ("from conf import TYPE_CHECKING", "TYPE_CHECKING"),
        ("TYPE_CHECKING = True", "TYPE_CHECKING"),
        ("import conf as typing", "typing.TYPE_CHECKING"),
        ("import typing\n\ntyping = print", "typing.TYPE_CHECKING"),
        ("from typing import TYPE_CHECKING\nfrom conf import *", "TYPE_CHECKING"),
        ("from typing import Any as TYPE_CHECKING", "TYPE_CHECKING"),
        ("TYPE_CHECKING, Y = True, 1", "TYPE_CHECKING"),
        ("TYPE_CHECKING: bool = bool(1)", "TYPE_CHECKING"),
        ("def TYPE_CHECKING(): ...", "TYPE_CHECKING"),
        ("import typing as t\n\n\ndef f():\n    global t\n    t = print", "t.TYPE_CHECKING"),
        ("import typing as t\n\nY = [(t := x) for x in [print]]", "t.TYPE_CHECKING"),
        ("import typing as t\n\n\ndef f(x=(t := print)): ...", "t.TYPE_CHECKING"),
        ("import typing as t\n\nfor t in [print]:\n    pass", "t.TYPE_CHECKING"),
    ],
)
def test_a_block_under_another_type_checking_is_no_block_for_types(head: str, test: str) -> None:
    text = f"{head}\n\nX = []\n\nif {test}:\n    X.append(1)\n"

    with pytest.raises(CannotWrap, match="may be true when the program runs"):
        plan(text, text.replace("append(1)", "append(2)"))


@pytest.mark.parametrize(
    ("head", "test"),
    [
        ("from typing import TYPE_CHECKING", "TYPE_CHECKING"),
        ("import typing as t", "t.TYPE_CHECKING"),
        ("TYPE_CHECKING = False", "TYPE_CHECKING"),
        ("import typing as t\n\n\ndef f(t): ...", "t.TYPE_CHECKING"),
        ("import typing as t\n\n\ndef f():\n    t = print", "t.TYPE_CHECKING"),
        ("import typing as t\n\nY = [t for t in 'ab']", "t.TYPE_CHECKING"),
    ],
)
def test_a_block_for_type_checkers_runs_nothing(head: str, test: str) -> None:
    text = f"{head}\n\nif {test}:\n    from a import b\n"
    after = text.replace("import b", "import c")

    file = flagwright.wrap(
        text, after, flag=FLAG, convention={"import": "", "check": 'client.is_enabled("{flag}")'}
    )

    assert file == after


NEW = "\n\ndef more():\n    return 2\n"
LAZY = "\n\ndef __getattr__(name):\n    if name {test}:\n        return 1\n"
LAZY += "    raise AttributeError(name)\n"


@pytest.mark.parametrize(
    "code",
    [
        "X = 1\n\n\ndef g():\n    return 'other' in globals()\n",
        "X = 1\n\n\ndef g():\n    return globals().get('other')\n",
        "X = 1\n" + LAZY.format(test="== 'other'"),
        "X = 1\n" + LAZY.format(test="in ('other', 'another')"),
        "OLD = {'other': 1}\n" + LAZY.format(test="in OLD"),
    ],
)
def test_a_module_that_is_asked_for_other_names_gets_a_new_one(code: str) -> None:
    assert f"# flag {FLAG}: on\ndef more():" in plan(code, code + NEW)


@pytest.mark.parametrize(
    "code",
    [
        "X = 1\n\n\ndef g():\n    return 'more' in globals()\n",
        "X = 1\n\n\ndef g():\n    return globals()['more']\n",
        "X = 1\n\n\ndef g(name):\n    return name in globals()\n",
        "X = 1\n" + LAZY.format(test="== 'more'"),
        "X = 1\n" + LAZY.format(test="!= 'other'"),
        "OLD = {'other': 1}\nOLD.update(a=2)\n" + LAZY.format(test="in OLD"),
        "OLD = {'other': 1}\nOLD['a'] = 1\n" + LAZY.format(test="in OLD"),
        "from b import OLD\n" + LAZY.format(test="in OLD"),
        "X = 1\n\n\ndef __getattr__(name):\n    return len(name)\n",
    ],
)
def test_a_module_that_may_be_asked_for_a_new_name_is_refused(code: str) -> None:
    with pytest.raises(CannotWrap, match="looks up names of its own module"):
        plan(code, code + NEW)


FIELDS = (
    "class A:\n    def go(self, field):\n        return getattr(self, f'get_{{field}}{end}')()\n"
)


@pytest.mark.parametrize(("end", "is_refused"), [("_display", False), ("", True), ("_more", True)])
def test_a_name_is_put_together_from_both_its_ends(end: str, *, is_refused: bool) -> None:
    code = FIELDS.format(end=end)
    after = code + "\n    def get_more(self):\n        return 2\n"
    after = after.replace("get_more", "get_x_more")

    if is_refused:
        with pytest.raises(CannotWrap, match="looks for members such as"):
            plan(code, after)
    else:
        assert plan(code, after)


@pytest.mark.parametrize(
    ("test", "is_refused"), [("== 'dumps'", True), ("!= 'x'", True), ("== 'loads'", False)]
)
def test_an_import_that_the_other_version_answers_for_is_refused(
    test: str, *, is_refused: bool
) -> None:
    head = "import re\nfrom json import dumps as dumps\n"
    old = head + "\n\ndef g():\n    return 1\n" + LAZY.format(test="== 'other'")
    new = "import re\n\n\ndef g():\n    return 2\n" + LAZY.format(test=test)

    if is_refused:
        with pytest.raises(CannotWrap, match="answers for `dumps` in its `__getattr__`"):
            plan(old, new)
    else:
        assert plan(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from json import dumps as x, loads as y", "from json import loads as y"),
        ("from json import (\n    dumps as x,\n    loads as y,\n)", "from json import loads as y"),
        ("import re as x; import json as y", "import json as y"),
        ("import json as y; import re as x", "import json as y"),
        ("import json as y", "import json as y; import re as x"),
        ("import json as y", "import re as x; import json as y"),
        ("import json as y", "import re as x, json as y"),
    ],
)
def test_several_imports_on_a_line_come_back_on_it(old: str, new: str) -> None:
    code = "{}\n\n\ndef f():\n    return {}\n"
    used = ["x, y" if " as x" in line else "y" for line in (old, new)]

    assert plan(code.format(old, used[0]), code.format(new, used[1]))


def test_an_import_that_new_code_repeats_comes_back_with_the_old() -> None:
    head = "from json import dumps as dumps\nfrom json import loads as loads\n\n\n"
    old = head + "def g(x):\n    return x\n"
    new = head.replace("from json import dumps as dumps\n", "")
    new += "def g(x):\n    from json import dumps\n\n    return dumps(x)\n"

    assert plan(old, new)


LISTING = (
    "import signal\n\n\ndef names({given}):\n    return dir({listed})\n\n\nclass A:\n    x = 1\n"
)


@pytest.mark.parametrize(
    ("given", "listed", "is_refused"),
    [
        ("", "signal", False),
        ("signal", "signal", True),
        ("of", "of", True),
        ("", "A", True),
        ("*, other=lambda signal: dir(signal)", "signal", True),
    ],
)
def test_members_are_not_listed_with_a_module_of_python(
    given: str, listed: str, *, is_refused: bool
) -> None:
    code = LISTING.format(given=given, listed=listed)
    after = code + "\n    def more(self):\n        return 2\n"

    if is_refused:
        with pytest.raises(CannotWrap, match="looks for members such as"):
            plan(code, after)
    else:
        assert f"# flag {FLAG}: on" in plan(code, after)


TUPLE = (
    "from collections import namedtuple\nfrom typing import NamedTuple\n\nNAMES = ['host']\n\n\n"
    "class Url({base}):\n    def old(self):\n        return 1\n"
)


@pytest.mark.parametrize(
    ("base", "is_refused"),
    [
        ('namedtuple("Url", "scheme host")', False),
        ('namedtuple("Url", ["scheme", "host"])', False),
        ('NamedTuple("Url", [("scheme", str), ("host", int | None)])', False),
        ('NamedTuple("Url", [("scheme", str), ("more", int)])', True),
        ('namedtuple("Url", "scheme,more")', True),
        ('namedtuple("Url", NAMES)', True),
        ('namedtuple("Url", [*NAMES])', True),
        ('namedtuple("Url", "scheme host", defaults=[f()])', True),
        ('made("Url", "scheme host")', True),
    ],
)
def test_a_tuple_with_names_has_no_other_members(base: str, *, is_refused: bool) -> None:
    code = TUPLE.format(base=base)
    after = code + "\n    def more(self):\n        return 2\n"

    if is_refused:
        with pytest.raises(CannotWrap, match=r"override a method|looks for members"):
            plan(code, after)
    else:
        assert f"# flag {FLAG}: on" in plan(code, after)


def test_a_member_that_every_tuple_has_is_no_new_one() -> None:
    code = TUPLE.format(base='namedtuple("Url", "scheme host")')

    with pytest.raises(CannotWrap, match="may override a method"):
        plan(code, code + "\n    def count(self, x):\n        return 2\n")
    private = plan(code, code + "\n    def _replace(self, x):\n        return 2\n")
    assert "return super()._replace(x)" in private


@pytest.mark.parametrize("bases", ["", "(Base)", "(logging.Handler)"])
def test_a_method_that_the_old_class_reads_but_does_not_have_is_no_dormant_one(bases: str) -> None:
    head = "import logging\n\n\nclass Base:\n    x = 1\n\n\n"
    head += f"class Shop{bases}:\n    def show(self, o):\n        "
    old = "try:\n            return self._shown(o)\n        except Exception:\n            pass\n"
    new = "return self._shown(o)\n\n    def _shown(self, o):\n        return 1\n"
    way = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
    with pytest.raises(CannotWrap, match="reads `_shown`, which its class does not have"):
        flagwright.wrap(head + old, head + new, flag=FLAG, convention=way)


FOLDER = "from pathlib import Path\nfrom shop.own import Tree\n{more}\n\ndef f():\n    return {n}\n"


@pytest.mark.parametrize(
    ("constant", "is_dormant"),
    [
        ("HERE = Path(__file__).resolve().parent", True),
        ('HERE = (Path(__file__).parent / "data").absolute().with_name("rates")', True),
        ("HERE = Path(__file__).mkdir()", False),
        ("HERE = Path(__file__).relative_to('/srv')", False),
        ("HERE = Tree(__file__).resolve()", False),
        ("HERE = Path(__file__).joinpath(Tree())", False),
        ("HERE = HERE.resolve()", False),
    ],
)
def test_the_place_of_a_file_is_found_without_any_effect(
    constant: str, *, is_dormant: bool
) -> None:
    old = FOLDER.format(more="", n="1")
    new = FOLDER.format(more=f"\n{constant}\n", n="str(HERE)")
    own = "class Tree(str):\n    def resolve(self):\n        print(self)\n"

    if is_dormant:
        assert f"# flag {FLAG}: on\n{constant}" in plan(old, new, own=own)
    else:
        with pytest.raises(CannotWrap, match="runs when the file is imported"):
            plan(old, new, own=own)


KEPT = """{imports}


class Shop:
{more}
    def f(self):
        return {n}
"""


@pytest.mark.parametrize(
    ("imports", "decorator", "is_dormant"),
    [
        ("from twisted.internet import defer", "defer.inlineCallbacks", True),
        ("from tenacity import retry", "retry(reraise=True)", True),
        ("from tenacity import retry\n\nagain = retry(stop=stop())", "again", True),
        ("from register import retry\n\nagain = retry(stop=stop())", "again", False),
        ("from tenacity import retry\n\nagain = retry()\nagain = known(again)", "again", False),
        ("from zope.interface import provider\nfrom a import Tax", "provider(Tax)", True),
    ],
)
def test_a_decorator_that_only_wraps_may_be_another_name_for_it(
    imports: str, decorator: str, *, is_dormant: bool
) -> None:
    old = KEPT.format(imports=imports, more="", n=1)
    method = f"    @{decorator}\n    def _g(self):\n        return 2\n"
    new = KEPT.format(imports=imports, more=method, n="self._g()")

    if is_dormant:
        assert f"    # flag {FLAG}: on\n    @{decorator}\n" in plan(old, new)
    else:
        with pytest.raises(CannotWrap, match="decorator of `_g` runs"):
            plan(old, new)


PROGRAM = "import sys\n\nif len(sys.argv) < 2:\n    sys.exit(1)\nprint(sys.argv)\n"
START = "#!/usr/bin/env python\n"


@pytest.mark.parametrize(
    ("path", "text", "user", "is_kept"),
    [
        ("check_links.py", START + PROGRAM, "", True),
        ("check_links.py", PROGRAM, "", False),
        ("check_links.py", START + PROGRAM, "import check_links\n", False),
        ("shop/check_links.py", START + PROGRAM, "", False),
    ],
)
@pytest.mark.parametrize("kind", ["added", "deleted"])
def test_a_file_with_the_line_that_starts_it_is_a_program(
    kind: str, path: str, text: str, user: str, *, is_kept: bool
) -> None:
    given = {"after" if kind == "added" else "before": text.encode()}
    file = FileChange.model_validate({"path": path, "kind": kind, **given})
    modules = {"shop/__init__.py": b"", "shop/a.py": user.encode()}
    modules |= {path: text.encode()} if kind == "added" else {}
    change = Change(base="diff", head="diff", files=(file,), digest="0" * 64)

    if not is_kept:
        with pytest.raises(CannotWrap, match=r"runs when the file is imported|imports it"):
            wrap_change(change, flag=FLAG, convention=CONVENTION, policy=POLICY, modules=modules)
        return
    wrapped = wrap_change(change, flag=FLAG, convention=CONVENTION, policy=POLICY, modules=modules)
    side = "on" if kind == "added" else "off"
    assert wrapped.files[0].text == f"{START}# flag {FLAG}: {side} (file)\n{PROGRAM}".encode()


@pytest.mark.parametrize(
    ("head", "new", "is_dormant"),
    [
        ("import os\n", "A = __file__.endswith(('.so', '.pyd'))\n", True),
        ("import os\n", "A = __name__.upper()\n", True),
        ("__file__ = object()\n", "A = __file__.endswith('.so')\n", False),
        ("import os\n", "A = __spec__.parent()\n", False),
        ("from typing import TypedDict\n", "class A(TypedDict, total=False):\n    a: int\n", True),
        (
            "import typing as t\n\n\nclass B(t.TypedDict):\n    b: int\n",
            "class A(B, total=False):\n    a: int\n",
            True,
        ),
        ("class B:\n    b: int\n", "class A(B, total=False):\n    a: int\n", False),
        ("from typing import TypedDict\n", "class A(TypedDict, total=f()):\n    a: int\n", False),
        ("from shop.b import B\n", "class A(B, total=False):\n    a: int\n", False),
    ],
)
def test_what_a_file_is_called_is_a_text_and_a_dictionary_may_lack_keys(
    head: str, new: str, is_dormant: bool
) -> None:
    before = f"{head}\n\ndef f():\n    return 1\n"
    after = before.replace("\n\ndef f", f"\n{new}\n\ndef f").replace("return 1", "return A")

    if is_dormant:
        assert f"# flag {FLAG}: on\n{new}" in plan(before, after)
    else:
        with pytest.raises(CannotWrap):
            plan(before, after)
