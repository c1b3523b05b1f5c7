"""What other files of a repository do with a wrapped one: import it, call it, look into it."""

import tomllib
from pathlib import Path

import pytest

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.wrapped import Wrapped
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
Files = dict[str, str]


def plan(before: Files, after: Files, others: Files) -> Wrapped:
    files = tuple(
        FileChange(path=path, kind="modified", before=text.encode(), after=after[path].encode())
        for path, text in before.items()
    )
    return wrap_change(
        Change(base="diff", head="diff", files=files, digest="0" * 64),
        flag="new-tax",
        convention=CONVENTION,
        policy=POLICY,
        modules={path: text.encode() for path, text in (others | after).items()},
    )


PAGE = "def page():\n    return {n}\n"
DECORATOR = """def retry(times):
    times += {n}

    def wrapped(function):
        return function

    return wrapped
"""
REGISTRY = """class Registry:
    def add(self, name):
        self.names = (name, {n})


registry = Registry()
"""
LAZY = "x = 1\n\n\ndef __getattr__(name):\n    return {n}\n"
TABLE = """class Reader:
    @staticmethod
    def first():
        return {n}


TABLE = [Reader.first]
"""
STATIC = """def total():
    return {n}


class api:
    total = staticmethod(total)
"""


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (PAGE, "from a import page\n\napp = page()\n"),
        (PAGE, "import a\n\napp = a.page()\n"),
        (PAGE, "\ufefffrom a import page\n\napp = page()\n"),
        (PAGE, "from a import page as made\n\n\ndef app():\n    return made()\n\n\nx = app()\n"),
        (PAGE, "from shop import page\n\napp = page()\n"),
        (PAGE, "from shop.all import page\n\napp = page()\n"),
        (DECORATOR, "from a import retry\n\n\n@retry(3)\ndef f():\n    pass\n"),
        (REGISTRY, "from a import registry\n\nregistry.add('b')\n"),
        (LAZY, "from a import lazy\n"),
        (LAZY, "from a import x\n"),
        (TABLE, "from a import TABLE\n\nx = TABLE[0]()\n"),
        (TABLE, "import a\n\nT = a.TABLE\nx = [m() for m in T]\n"),
        (TABLE, "from a import TABLE\n\n\ndef f(t=TABLE):\n    return t[0]()\n\n\nx = f()\n"),
        (TABLE, "from a import *\n\nx = [m() for m in TABLE]\n"),
        (STATIC, "from a import api\n\n\nclass B(api):\n    pass\n\n\nx = B.total()\n"),
        (STATIC, "import a\n\nx = a.api().total()\n"),
        (TABLE, "import a\n\nx = getattr(a, 'TABLE')[0]()\n"),
        (STATIC, "from a import api\n\nx = getattr(api, 'total')()\n"),
        (STATIC, "from a import api\n\nx = [getattr(api, n)() for n in ('total',)]\n"),
        (PAGE, "import a\n\nx = getattr(a, 'page')()\n"),
        (PAGE, "import a\n\nfor n in ['page']:\n    getattr(a, n)()\n"),
        (PAGE, "import a\n\nx = vars(a)['page']()\n"),
        (PAGE, "import a\n\nx = a.__dict__['page']()\n"),
    ],
)
def test_a_flag_that_another_file_would_ask_for_at_its_import_is_refused(
    text: str, other: str
) -> None:
    others = {"b.py": other, "shop/__init__.py": "from a import page\n"}
    others["shop/all.py"] = "from a import *\n"

    with pytest.raises(CannotWrap, match=r"would be read while (b|this file)") as refusal:
        plan({"a.py": text.format(n=1)}, {"a.py": text.format(n=2)}, others)

    assert refusal.value.category == "import-time"


@pytest.mark.parametrize(
    ("others", "way"),
    [
        ({"b.py": "from a import page\n\napp = page()\n"}, "b.py is imported (b.py:3)"),
        (
            {
                "b.py": "from a import page\n\n\ndef made():\n    return page()\n",
                "c.py": "import b\n\nx = b.made()\n",
            },
            "c.py is imported (c.py:3, then b.py:5)",
        ),
    ],
)
def test_a_refusal_names_the_lines_by_which_other_files_ask(others: Files, way: str) -> None:
    with pytest.raises(CannotWrap) as refusal:
        plan({"a.py": PAGE.format(n=1)}, {"a.py": PAGE.format(n=2)}, others)

    assert refusal.value.because == f"the flag would be read while {way}"


def test_a_refusal_always_names_the_first_of_many_files_that_ask() -> None:
    others = {f"{name}.py": "from a import page\n\napp = page()\n" for name in "hgfedcb"}

    with pytest.raises(CannotWrap, match=r"would be read while b\.py is"):
        plan({"a.py": PAGE.format(n=1)}, {"a.py": PAGE.format(n=2)}, others)


def test_a_refusal_says_by_what_a_file_asks_where_no_line_says_it() -> None:
    with pytest.raises(CannotWrap) as refusal:
        plan({"a.py": LAZY.format(n=1)}, {"a.py": LAZY.format(n=2)}, {"b.py": "from a import x\n"})

    way = "b.py is imported (b.py, by `__getattr__`)"
    assert refusal.value.because == f"the flag would be read while {way}"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (PAGE, "from a import page\n\n\ndef app():\n    return page()\n"),
        (PAGE, "from a import page\n\nif __name__ == '__main__':\n    page()\n"),
        (PAGE, "from elsewhere import page\n\napp = page()\n"),
        (LAZY, "import a\n\nx = a.x\n"),
        (TABLE, "from a import TABLE\n\n\ndef f():\n    return TABLE[0]()\n"),
        (STATIC, "from a import api\n\n\ndef f():\n    return api.total()\n"),
        (STATIC, "from a import api\n\nx = getattr(api, 'other', None)\n"),
        (PAGE, "import a\n\nx = getattr(a, 'other', None)\n"),
    ],
)
def test_a_file_that_others_only_use_later_is_wrapped(text: str, other: str) -> None:
    wrapped = plan({"a.py": text.format(n=1)}, {"a.py": text.format(n=2)}, {"b.py": other})

    assert b"client.is_enabled" in (wrapped.files[0].text or b"")


@pytest.mark.parametrize("path", ["tests/test_a.py", "shop/__main__.py", "examples/x.py"])
def test_a_test_or_a_program_that_calls_at_its_top_is_no_reason_to_refuse(path: str) -> None:
    other = {path: "from a import page\n\nEXPECTED = page()\n"}

    assert plan({"a.py": PAGE.format(n=1)}, {"a.py": PAGE.format(n=2)}, other).files


def test_a_program_that_another_file_imports_is_none() -> None:
    others = {"examples/x.py": "from a import page\n\nX = page()\n"}
    others["shop.py"] = "from examples.x import X\n"

    with pytest.raises(CannotWrap, match="would be read while examples"):
        plan({"a.py": PAGE.format(n=1)}, {"a.py": PAGE.format(n=2)}, others)


@pytest.mark.parametrize(
    ("use", "body", "is_refused"),
    [
        ("x = apply(page)", "return f()", True),
        ("x = apply(page)", "f()\n    return f", True),
        ("x = apply(page)", "return list(map(f, [1]))", True),
        ("x = apply(page)", "FOUND.append(f)\n    return f", False),
        ("x = apply(page)", "def inner():\n        return f()\n\n    return inner", False),
        ("@apply\ndef g():\n    return page()", "f()\n    return f", True),
        ("@apply(1)\ndef g():\n    return page()", "def g(h):\n        h()\n\n    return g", True),
        (
            "@apply(1)\ndef g():\n    return page()",
            "def g(h):\n        return h\n\n    return g",
            False,
        ),
    ],
)
def test_an_imported_function_calls_what_it_is_given_or_keeps_it(
    use: str, body: str, *, is_refused: bool
) -> None:
    text = f"from b import apply\n\n\n{PAGE}\n\n{use}\n"
    other = {"b.py": f"FOUND = []\n\n\ndef apply(f):\n    {body}\n"}

    if is_refused:
        with pytest.raises(CannotWrap, match="while this file is imported"):
            plan({"a.py": text.format(n=1)}, {"a.py": text.format(n=2)}, other)
    else:
        assert plan({"a.py": text.format(n=1)}, {"a.py": text.format(n=2)}, other).files


def test_files_that_would_import_each_other_with_both_versions_are_refused() -> None:
    before = {"a.py": "from b import x\n\n\ndef f():\n    return x\n\n\ny = 2\n"}
    after = {"a.py": "def f():\n    return 1\n\n\ny = 2\n"}
    before["b.py"] = "x = 1\n\n\ndef g():\n    return 3\n"
    after["b.py"] = "from a import y\n\nx = 1\n\n\ndef g():\n    return y\n"

    with pytest.raises(CannotWrap, match="would import each other"):
        plan(before, after, {})


@pytest.mark.parametrize(
    ("other", "is_refused"),
    [
        ("from c import helper\nfrom a import *\n\n\ndef f():\n    return helper()\n", True),
        ("from c import *\nfrom a import *\n", True),
        ("from a import *\n", False),
        ("from a import f\nfrom c import helper\n", False),
    ],
)
def test_a_new_name_that_a_star_would_put_over_another_is_refused(
    other: str, *, is_refused: bool
) -> None:
    new = PAGE.format(n="helper()") + "\n\ndef helper():\n    return 7\n"
    others = {"b.py": other, "c.py": "def helper():\n    return 1\n"}

    if is_refused:
        with pytest.raises(CannotWrap, match="means something else in b"):
            plan({"a.py": PAGE.format(n=1)}, {"a.py": new}, others)
    else:
        assert plan({"a.py": PAGE.format(n=1)}, {"a.py": new}, others).files


BASE = "class Base:\n    def run(self, x):\n        return 1\n"
HEIR = "from shop.base import Base\n\n\nclass Heir(Base):\n    def go(self):\n        return 1\n"
ADDED = "\n    def run(self, x):\n        return 2\n"


@pytest.mark.parametrize(
    ("more", "is_refused"),
    [
        ("", False),
        ("\n    def is_new(self):\n        return type(self).run is not Base.run\n", True),
        ("\n    def __init_subclass__(cls):\n        cls.own = 'run' in cls.__dict__\n", True),
        ("\n    def __init_subclass__(cls):\n        cls.own = 'run' in vars(cls)\n", True),
    ],
)
def test_a_method_that_its_base_looks_for_cannot_call_it_instead(
    more: str, *, is_refused: bool
) -> None:
    others = {"shop/__init__.py": "", "shop/base.py": BASE + more}

    if is_refused:
        with pytest.raises(CannotWrap, match="may override a method"):
            plan({"shop/heir.py": HEIR}, {"shop/heir.py": HEIR + ADDED}, others)
    else:
        wrapped = plan({"shop/heir.py": HEIR}, {"shop/heir.py": HEIR + ADDED}, others)
        assert b"return super().run(x)" in (wrapped.files[0].text or b"")


@pytest.mark.parametrize(
    "other",
    [
        "def go(kind):\n    return getattr(H(), f'handle_{kind}', None)\n",
        "def go(kind):\n    name = f'handle_{kind}'\n    return getattr(H(), name, None)\n",
        "def go(kind):\n    return getattr(H(), 'handle_' + kind, None)\n",
        "def go(kind):\n    return getattr(H(), 'handle_%s' % kind, None)\n",
    ],
)
def test_a_method_that_another_file_finds_by_how_its_name_begins_is_refused(other: str) -> None:
    old = "class H:\n    def handle_x(self):\n        return 1\n"
    new = old + "\n    def handle_y(self):\n        return 2\n"

    with pytest.raises(CannotWrap, match="by name"):
        plan({"a.py": old}, {"a.py": new}, {"b.py": f"from a import H\n\n\n{other}"})


@pytest.mark.parametrize(
    ("listing", "is_refused"),
    [
        ("Plugin.__subclasses__()", True),
        ("cls.__subclasses__()", True),
        ("Other.__subclasses__()", False),
    ],
)
def test_a_new_class_that_another_file_would_list_is_refused(
    listing: str, *, is_refused: bool
) -> None:
    old = f"class Plugin:\n    pass\n\n\n{PAGE.format(n=1)}"
    new = (
        f"class Plugin:\n    pass\n\n\nclass More(Plugin):\n    pass\n\n\n{PAGE.format(n='More()')}"
    )
    other = {"b.py": f"from a import Plugin\n\n\ndef go(cls):\n    return {listing}\n"}

    if is_refused:
        with pytest.raises(CannotWrap, match="would find `More`"):
            plan({"a.py": old}, {"a.py": new}, other)
    else:
        assert plan({"a.py": old}, {"a.py": new}, other).files


@pytest.mark.parametrize("base", ["dict", "Exception", "dict[str, int]"])
def test_nobody_lists_what_is_made_from_a_class_of_python(base: str) -> None:
    new = f"class More({base}):\n    pass\n\n\n{PAGE.format(n='More()')}"
    other = {"b.py": "import a\n\n\ndef go(cls):\n    return cls.__subclasses__()\n"}

    assert plan({"a.py": PAGE.format(n=1)}, {"a.py": new}, other).files


CLICK = """import click


def verbose(f):
    def callback(context, value):
        return {n}

    return click.option("-v", callback=callback)(f)


@verbose
def main():
    pass
"""
KEPT = "FOUND = {{}}\n\n\ndef register(name, f):\n    FOUND[name] = f\n\n\n" + PAGE
KEPT += "\n\nregister('x', page)\n"
WRAPPER = """import functools


def logged(name):
    def wrapped(function):
        @functools.wraps(function)
        def inner():
            return function()

        return inner

    return wrapped


@logged("page")
"""
CALLS = "def now(function):\n    return function()\n\n\n@now\n" + PAGE
FIELD = """class Registry:
    def add(self, f):
        self.handler = f

    def run(self):
        return self.handler()


registry = Registry()


def page():
    return {n}


registry.add(page)
"""
ENUM = "import enum\n\n\nclass Color(enum.Enum):\n    RED = 1\n\n"


@pytest.mark.parametrize("text", [CLICK, KEPT, KEPT + "x = FOUND['x']\n", WRAPPER + PAGE, FIELD])
def test_a_function_that_is_only_stored_at_import_is_wrapped(text: str) -> None:
    wrapped = plan({"a.py": text.format(n=1)}, {"a.py": text.format(n=2)}, {})

    assert b"client.is_enabled" in (wrapped.files[0].text or b"")


@pytest.mark.parametrize(
    "text",
    [
        CALLS,
        KEPT + "FOUND['x']()\n",
        KEPT + "for f in FOUND.values():\n    f()\n",
        FIELD + "registry.run()\n",
        ENUM + "    def __init__(self, value):\n        self.more = value + {n}\n",
        ENUM + "    def _generate_next_value_(name, *rest):\n        return name * {n}\n",
        "class Base:\n    def __init_subclass__(cls):\n        cls.x = {n}\n",
        "class Meta(type):\n    def __init__(cls, *rest):\n        cls.x = {n}\n",
        "class Register(abc.ABCMeta):\n    def __init__(cls, *rest):\n        cls.x = {n}\n",
        "class Own(ModelBase):\n    def __new__(cls, *rest):\n        return {n}\n",
    ],
)
def test_a_function_that_is_called_at_import_in_a_roundabout_way_is_refused(text: str) -> None:
    with pytest.raises(CannotWrap, match="read while the file is imported"):
        plan({"a.py": text.format(n=1)}, {"a.py": text.format(n=2)}, {})


STORED = "{imports}\n\n\ndef page():\n    return {n}\n\n\n{use}\n"
ON = "class On:\n    def start(self, f):\n        f()\n\n"
ON += "    def keep(self, f):\n        self.f = f\n"
ON += "\n\non = On()\n"
RUN = "class Run:\n    def __init__(self, f):\n        self.x = f()\n"


@pytest.mark.parametrize(
    ("imports", "use", "is_refused"),
    [
        ("from b import on", "on.start(page)", True),
        ("from b import on", "on.keep(page)", False),
        ("from b import Run", "x = Run(page)", True),
        ("import threading", "threading.Thread(target=page).start()", True),
        ("import threading as t", "x = t.Timer(1, page)", True),
        ("from concurrent.futures import ThreadPoolExecutor as T", "T().submit(page)", True),
        (
            "import concurrent.futures",
            "pool = concurrent.futures.ThreadPoolExecutor()\npool.map(page, [1])",
            True,
        ),
        ("import contextvars", "contextvars.copy_context().run(page)", True),
        ("import atexit", "atexit.register(page)", False),
        ("from blinker import signal", "signal('x').connect(page)", False),
    ],
)
def test_what_others_do_with_a_function_is_said_by_the_policy_and_their_code(
    imports: str, use: str, *, is_refused: bool
) -> None:
    old, new = (STORED.format(imports=imports, use=use, n=n) for n in (1, 2))

    if is_refused:
        with pytest.raises(CannotWrap, match="while th"):
            plan({"a.py": old}, {"a.py": new}, {"b.py": ON + RUN})
    else:
        assert plan({"a.py": old}, {"a.py": new}, {"b.py": ON + RUN}).files


@pytest.mark.parametrize("head", ["D(X)", "D(mix(X))", "D(Y)", "D(Z)"])
def test_an_heir_by_another_name_is_an_heir(head: str) -> None:
    text = "class Owner:\n    def go(self):\n        return self._m({given})\n\n"
    text += "    def _m(self, {given}):\n        return {given}\n"
    other = "from shop.a import Owner as X\n\nY = X\nZ = Y\n\n\ndef mix(x):\n    return x\n"
    other += f"\n\nclass {head}:\n    pass\n"
    heir = "from shop.b import D\n\n\nclass E(D):\n    def f(self):\n        return self._m(1)\n"
    others = {"shop/__init__.py": "", "shop/b.py": other, "shop/c.py": heir}

    with pytest.raises(CannotWrap, match="the signature of `_m` changes"):
        plan(
            {"shop/a.py": text.format(given="a, b")},
            {"shop/a.py": text.format(given="b, a")},
            others,
        )


@pytest.mark.parametrize(
    "other",
    [
        "from c import client\nfrom a import *\n\n\ndef f():\n    return client\n",
        "import a\n\na.client = 'db'\n",
        "import a\n\n\ndef f():\n    return getattr(a, 'client', 7)\n",
        "from a import client\n\n\ndef f():\n    return client\n",
        "import a\n\n\ndef f():\n    return [n for n in dir(a) if n[0] != '_']\n",
    ],
)
def test_the_flag_client_comes_by_a_name_that_no_other_file_sees(other: str) -> None:
    wrapped = plan({"a.py": PAGE.format(n=1)}, {"a.py": PAGE.format(n=2)}, {"b.py": other})

    text = (wrapped.files[0].text or b"").decode()
    assert "from flags import client as _flags_client\n" in text
    assert "_flags_client.is_enabled" in text


@pytest.mark.parametrize("module", ["shop/client.py", "shop/client/api.py"])
def test_nor_by_that_of_a_module_of_its_package(module: str) -> None:
    path = "shop/__init__.py"

    wrapped = plan({path: PAGE.format(n=1)}, {path: PAGE.format(n=2)}, {module: "X = 1\n"})

    assert b" as _flags_client\n" in (wrapped.files[0].text or b"")


def test_a_new_name_of_a_package_that_is_that_of_its_module_is_refused() -> None:
    path, new = "shop/__init__.py", PAGE.format(n="more()") + "\n\ndef more():\n    return 2\n"

    with pytest.raises(CannotWrap, match="also a module of this package"):
        plan({path: PAGE.format(n=1)}, {path: new}, {"shop/more.py": "X = 1\n"})


def test_nor_does_it_hide_a_name_that_the_file_makes_up() -> None:
    head = "def __getattr__(name):\n    return {'client': 1}[name]\n\n\n"
    before, after = (head + PAGE.format(n=n) for n in (1, 2))

    wrapped = plan({"a.py": before}, {"a.py": after}, {})

    assert b" as flags_client\n" in (wrapped.files[0].text or b"")


@pytest.mark.parametrize(
    "look",
    [
        "dir(a)",
        "vars(a)",
        "a.__dict__",
        "getattr(a, name, None)",
        "dir(a.H)",
        "getattr(a.H, name)",
        "getattr(a.H.go, name)",
    ],
)
def test_what_another_file_finds_without_its_name_is_refused(look: str) -> None:
    old = "class H:\n    def go(self):\n        return 1\n\n    x = 1\n"
    new = old.replace("return 1", "return self.more()")
    new += "\n    def more(self):\n        return 2\n"
    if ".H" not in look:
        old, new = (
            "def f():\n    return 1\n",
            "def f():\n    return g()\n\n\ndef g():\n    return 2\n",
        )
    other = f"import a\n\n\ndef look(name):\n    return {look}\n"

    with pytest.raises(CannotWrap, match="looks up"):
        plan({"a.py": old}, {"a.py": new}, {"b.py": other})


@pytest.mark.parametrize(
    ("other", "is_refused"),
    [
        ("try:\n        x.close()\n    except AttributeError:\n        return 1\n", True),
        ("try:\n        x.open()\n    except AttributeError:\n        return 1\n", False),
        ("try:\n        x.close()\n    except OSError:\n        return 1\n", False),
        (
            "return isinstance(x, C)\n\n\n@runtime_checkable\nclass C(Protocol):\n"
            "    def close(self): ...\n",
            True,
        ),
        ("return C\n\n\nclass C(Protocol):\n    def close(self): ...\n", False),
    ],
)
def test_a_method_that_another_file_can_do_without_is_refused(
    other: str, *, is_refused: bool
) -> None:
    old = "class H:\n    def go(self):\n        return 1\n"
    new = old.replace("return 1", "return self.close()")
    new += "\n    def close(self):\n        return 2\n"
    head = "from typing import Protocol, runtime_checkable\n\n\ndef shut(x):\n    "
    head = head if "runtime" in other else head.replace(", runtime_checkable", "")

    if is_refused:
        with pytest.raises(CannotWrap, match="members such as `close`"):
            plan({"a.py": old}, {"a.py": new}, {"b.py": head + other})
    else:
        assert plan({"a.py": old}, {"a.py": new}, {"b.py": head + other}).files


REGISTERS = "from reg import ALL\n\nALL.append('more')\n\n\ndef tool(x):\n    return x\n"
USES = "from more import tool\n\n\ndef f(x):\n    return tool(x)\n"
PLAIN = "def f(x):\n    return x\n"


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize(
    ("others", "is_refused"),
    [
        ({"more.py": REGISTERS}, True),
        ({"more.py": "import deep\n\n\ndef tool(x):\n    return x\n", "deep.py": REGISTERS}, True),
        ({"more.py": REGISTERS, "tests/test_more.py": "import more\n"}, True),
        ({"more.py": "def tool(x):\n    return x\n"}, False),
        ({"more.py": REGISTERS, "b.py": "import more\n"}, False),
        ({"more.py": REGISTERS, "b.py": "def g():\n    from more import tool\n"}, False),
        ({"more.py": "import deep\n\n\ndef tool(x):\n    return x\n", "deep.py": "X = 1\n"}, False),
    ],
)
def test_a_file_that_one_version_alone_imports_does_nothing_by_itself(
    others: Files, *, is_new: bool, is_refused: bool
) -> None:
    sides = [{"a.py": PLAIN}, {"a.py": USES}]
    before, after = sides if is_new else sides[::-1]
    others = {"reg.py": "ALL = []\n", "c.py": "import reg\n", **others}

    if is_refused:
        with pytest.raises(CannotWrap, match="which only one version imports, would run for both"):
            plan(before, after, others)
    else:
        assert plan(before, after, others).files


def test_what_asks_for_the_flag_may_be_such_a_file() -> None:
    flags = "from UnleashClient import UnleashClient\n\nclient = UnleashClient('u', 'a')\n"

    assert plan({"a.py": PLAIN}, {"a.py": PLAIN.replace("x\n", "-x\n")}, {"flags.py": flags}).files


BOX = "class Box:\n    x = 1\n"
SIZED = BOX + "\n    @property\n    def size(self):\n        return 5\n"
FULL = BOX + "\n    def full(self):\n        return 5\n"
ANSWERS = "\n    def __getattr__(self, name):\n        return 1\n"


@pytest.mark.parametrize(
    ("other", "is_refused"),
    [
        ("def f(box):\n    box.size = 2\n", True),
        ("def f(box):\n    box.size += 2\n", True),
        ("def f(box):\n    box.size: int = 2\n", True),
        ("def f(box):\n    box.size, n = 2, 3\n", True),
        ("def f(box):\n    del box.size\n", True),
        ("def f(box):\n    setattr(box, 'size', 2)\n", True),
        ("from a import Box\n\n\nclass Bag(Box):\n    def f(self):\n        self.size = 2\n", True),
        ("class Bag:\n    def f(self):\n        self.size = 2\n", False),
        ("def f(box):\n    return box.size == 2\n", False),
        ("def f(box):\n    setattr(box, 'sizes', 2)\n", False),
    ],
)
def test_a_new_property_that_another_file_sets_is_refused(other: str, *, is_refused: bool) -> None:
    after = other.replace("= 2", "= 2  #").replace(".size", ".sizes") if is_refused else other
    files = {"a.py": BOX, "b.py": other}, {"a.py": SIZED, "b.py": after}

    if is_refused:
        with pytest.raises(CannotWrap, match="also set as an attribute"):
            plan({"a.py": BOX}, {"a.py": SIZED}, {"b.py": other})
        with pytest.raises(CannotWrap, match="also set as an attribute"):
            plan(*files, {})
    else:
        assert plan({"a.py": BOX}, {"a.py": SIZED}, {"b.py": other}).files


@pytest.mark.parametrize(
    ("above", "other", "is_refused"),
    [
        ("", "from a import Box\n\n\nclass Bag(Box):" + ANSWERS, True),
        ("", "import a\n\n\nclass Bag(a.Box):\n    pass\n\n\nclass Sack(Bag):" + ANSWERS, True),
        ("class Base:" + ANSWERS + "\n\n", "", True),
        ("", "class Bag:" + ANSWERS, False),
        (
            "",
            "from a import Box\n\n\nclass Bag(Box):"
            + ANSWERS.replace("return 1", "raise AttributeError(name)"),
            False,
        ),
        ("class Base:\n    pass\n\n\n", "", False),
    ],
)
def test_a_relation_that_answers_for_unknown_names_is_in_the_way(
    above: str, other: str, *, is_refused: bool
) -> None:
    old, new = (above + (c.replace("Box:", "Box(Base):") if above else c) for c in (BOX, FULL))

    if is_refused:
        with pytest.raises(CannotWrap, match=r"looks up unknown names|may override"):
            plan({"a.py": old}, {"a.py": new}, {"b.py": other})
    else:
        assert plan({"a.py": old}, {"a.py": new}, {"b.py": other}).files


TYPED = "def page(n: int = 1):\n    return n\n\n\n"
TYPED += "class Page:\n    def __init__(self, n: int = 1):\n        self.n = n\n\n"
TYPED += "    def at(self, n: int = 1):\n        return n\n\n"
TYPED += "    def __call__(self, n: int = 1):\n        return n\n"
HINTS = (
    "from typing import get_type_hints\n\n\ndef cast(f, **k):\n    return get_type_hints(f), k\n"
)


@pytest.mark.parametrize("more", ["", ", m: int = 2"])
@pytest.mark.parametrize(
    ("others", "is_read"),
    [
        ({"b.py": "from fastapi import Depends\nfrom a import page\n\nD = Depends(page)\n"}, True),
        ({"b.py": "import fastapi\nimport a\n\nD = fastapi.Depends(a.Page)\n"}, True),
        ({"b.py": "import typer\nimport a\n\napp = typer.Typer()\napp.command()(a.page)\n"}, True),
        (
            {
                "b.py": "from c import cast\nfrom a import page\n\nX = cast(page, n=1)\n",
                "c.py": HINTS,
            },
            True,
        ),
        (
            {
                "b.py": "from c import show\nfrom a import page\n\nshow.register(page)\n",
                "c.py": "from functools import singledispatch as s\n\n\n@s\ndef show(x): ...\n",
            },
            True,
        ),
        (
            {"b.py": "from fastapi import Depends\nfrom a import page\n\nD = Depends(print)\n"},
            False,
        ),
        ({"b.py": "from a import page\n\nX = list(map(page, [1]))\n", "c.py": HINTS}, False),
        (
            {"b.py": "from fastapi import Depends\nfrom a import page as p\n\nD = Depends(p)\n"},
            True,
        ),
        (
            {"b.py": "from fastapi import Depends\nfrom a import Page\n\nD = Depends(Page().at)\n"},
            True,
        ),
        (
            {"b.py": "from fastapi import Depends\nimport a\n\nD = Depends(a.Page())\n"},
            True,
        ),
        ({"b.py": "from a import page\n\nPAGES = {'/': page}\n", "c.py": HINTS}, True),
        (
            {"b.py": "from a import page\n\n\ndef f(pages):\n    pages.add(page)\n", "c.py": HINTS},
            True,
        ),
        ({"b.py": "from a import page\n\nPAGES = {'/': page}\n"}, False),
        ({"b.py": "PAGES = {'/': 'a:page'}\n", "c.py": HINTS}, True),
        ({"b.py": "from a import page\n\n\ndef f():\n    return page()\n", "c.py": HINTS}, False),
        (
            {
                "b.py": "import functools\nfrom a import page\n\n\n@functools.wraps(page)\n"
                "def f():\n    return page()\n",
                "c.py": HINTS,
            },
            True,
        ),
        ({"b.py": HINTS + "\n\ndef f():\n    return cast(page)\n\n\nfrom a import page\n"}, True),
        (
            {
                "b.py": "import typing\nfrom a import page\n\n\ndef f():\n"
                "    return [*map(typing.get_type_hints, [page])]\n"
            },
            True,
        ),
        ({"b.py": "import a\n\n\ndef f():\n    return a.page.__annotations__\n"}, True),
        (
            {
                "b.py": "import inspect\nimport a\n\n\n"
                "def f():\n    return inspect.signature(a.page)\n"
            },
            True,
        ),
        ({"b.py": "import a\n\n\ndef f():\n    return [*vars(a).values()]\n", "c.py": HINTS}, True),
    ],
)
def test_types_that_another_file_has_read_are_not_just_text(
    others: Files, more: str, *, is_read: bool
) -> None:
    after = TYPED.replace("n: int = 1", f"n: float = 1{more}")

    if is_read:
        with pytest.raises(CannotWrap) as caught:
            plan({"a.py": TYPED}, {"a.py": after}, others)
        assert caught.value.category == "signature"
    else:
        plan({"a.py": TYPED}, {"a.py": after}, others)


@pytest.mark.parametrize(
    "word",
    ["vars(x)", "dir(x)", "x.__dict__", "getmembers(x)", "vars(type(x))", "x.__class__.__dict__"],
)
@pytest.mark.parametrize(
    ("use", "is_listed"),
    [
        ("listed(Box)", True),
        ("listed(x=a.Box)", True),
        ("listed([Box])", True),
        ("listed(Box())", None),
        ("listed(int)", False),
        ("isinstance(1, Box)", False),
    ],
)
@pytest.mark.parametrize("after", [FULL, BOX.replace("1", "2")])
def test_a_class_that_is_handed_to_what_lists_members_is_in_the_way(
    after: str, use: str, word: str, *, is_listed: bool | None
) -> None:
    """An object has but its own attributes in `vars(x)`."""
    if is_listed is None:
        is_listed = word not in ("vars(x)", "x.__dict__")
    lists = f"from inspect import getmembers\n\n\ndef listed(x):\n    return list({word})\n"
    user = f"import a\nfrom a import Box\nfrom c import listed\n\n\ndef f():\n    return {use}\n"

    if is_listed:
        with pytest.raises(CannotWrap, match="what lists its members"):
            plan({"a.py": BOX}, {"a.py": after}, {"b.py": user, "c.py": lists})
    else:
        assert plan({"a.py": BOX}, {"a.py": after}, {"b.py": user, "c.py": lists}).files
