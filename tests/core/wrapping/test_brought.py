"""Which looks into a module that a file gets by a text may come upon a public constant."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from flagwright.errors import CannotWrap
from tests.core.wrapping.test_public import BOX, NEW, output, plan

LOADS = "import sys\nfrom importlib import import_module\n\n\ndef f(a, b):\n    {0}\n"
ASKS = LOADS.format("return getattr(import_module(a), b)")
BY_NAME = [
    ASKS,
    LOADS.format("return getattr(sys.modules['shop.' + a], b)"),
    LOADS.format("m = import_module(a)\n    return hasattr(m, b) and vars(m)[b]"),
    LOADS.format("m = sys.modules.get(a)\n    return b in m.__dict__"),
    LOADS.format("x = y = import_module(a)\n    for n in b.split('.'):\n        x = getattr(x, n)"),
    "from pkgutil import resolve_name\n\n\ndef f(a):\n    return resolve_name(a)\n",
    "from shop.box import net\n\n\ndef f(a):\n    return net.__globals__[a]\n",
    "import inspect\n\n\ndef f(net, a):\n    return getattr(inspect.getmodule(net), a)\n",
    "from shop.box import net\n\n\ndef f(a):\n    return eval(a, net.__globals__)\n",
    "import operator, sys\n\n\ndef f(a, b):\n    return operator.attrgetter(b)(sys.modules[a])\n",
]


def is_wrapped(others: Mapping[str, str], name: str = "RATE", *, more: str = "") -> bool:
    old, new = (f"{side.replace('RATE', name)}\n\n{more}\n" for side in (BOX, NEW))
    try:
        return f"{name}_on = 3".encode() in plan(old, new, others)[1]["shop/box.py"]
    except CannotWrap:
        return False


@pytest.mark.parametrize("other", BY_NAME)
def test_a_look_by_a_name_that_no_file_says_is_one_from_outside(other: str) -> None:
    assert is_wrapped({"shop/other.py": other})


def test_a_text_from_outside_gets_the_old_value(tmp_path: Path) -> None:
    files = plan(BOX, NEW, {"shop/other.py": ASKS})[1]
    program = "import shop.box as box\nfrom shop.other import f\n"
    program += "print(f('shop.box', 'RA' 'TE'), box.net(1))\n"

    assert output(tmp_path, files, program, "off") == "2 2\n"
    assert output(tmp_path, files, program, "on") == "2 3\n"


@pytest.mark.parametrize("asking", BY_NAME)
@pytest.mark.parametrize(
    ("name", "saying"),
    [
        ("RATE", "NAMES = ['rate']\n"),
        ("RATE", "NAMES = ['RA', 'TE']\n"),
        ("RATE", "NAMES = 'first rate'.split()\n"),
        ("RATE", "class Low:\n    rate: int = 7\n"),
        ("RATE", "def rate():\n    return 1\n"),
        ("RATE", "class Low:\n    RATE = 7\n"),
        ("RATE", "def f(RATE):\n    return RATE\n"),
        ("TAX_RATE", "NAMES = ['tax-rate']\n"),
        ("TAX_RATE", "NAMES = ['shop.box.TaxRate']\n"),
        ("TAX_RATE", "NAMES = ['tax', 'rate']\n"),
        ("TAX_RATE", "def f(a):\n    return f'{a}_RATE'\n"),
        ("TAX_RATE", "def f(a):\n    return a + '_rate'\n"),
        ("TAX_RATE", "def f(a):\n    return 'TAX_%s' % a\n"),
        ("TAX_RATE", "def f(a):\n    return '%s_RATE' % a\n"),
        ("TAX_RATE", "def f(a):\n    return 'tax_' + a\n"),
        ("TAX_RATE_MAX", "NAMES = ['tax', 'max', 'rate']\n"),
    ],
)
def test_a_name_that_a_file_may_say_is_looked_for(name: str, saying: str, asking: str) -> None:
    others = {"shop/third.py": saying}

    assert is_wrapped(others, name)
    assert not is_wrapped({**others, "shop/other.py": asking}, name)


@pytest.mark.parametrize(
    "line", ["def g():\n    return dict(RATE=1)", "def g(h):\n    h(a=1, RATE=2)"]
)
def test_its_own_file_may_have_something_else_of_that_name(line: str) -> None:
    assert is_wrapped({}, more=line)
    assert not is_wrapped({"shop/other.py": ASKS}, more=line)


@pytest.mark.parametrize(
    "line",
    [
        "return dir(import_module(a))",
        "return vars(import_module(a))",
        "return [k for k in sys.modules[a].__dict__]",
        "m = import_module(a)\n    return list(m.__dict__.items())",
        "m = sys.modules.get(a)\n    n = m\n    return [getattr(n, k) for k in dir(n)]",
        "return b.update(vars(import_module(a)))",
        "return b(import_module(a), getattr(a, b))",
        "b.m = import_module(a)\n    return dir(b.m)",
        "return [dir(m) for m in map(import_module, a)]",
        "return [dir(m) for m in sys.modules.values()]",
        "return [dir(m) for m in [import_module(n) for n in a]]",
        "return dir(getattr(import_module(a), b))",
        "return dir(__import__('shop.box').box)",
        "g = getattr(sys, 'modules')\n    return dir(g[a])",
        "if (m := import_module(a)):\n        return dir(m)",
        "return sorted(b.__globals__)",
        "return f'{vars(import_module(a))}'",
        "return import_module(a).__getattribute__(b) or dir(import_module(a))",
    ],
)
def test_a_look_at_everything_comes_upon_it(line: str) -> None:
    assert not is_wrapped({"shop/other.py": LOADS.format(line)})


@pytest.mark.parametrize(
    "line", ["dir(f(a, b))", "vars(f(a, b))[a]", "[getattr(f(a, b), n) for n in ('rate', b)]"]
)
@pytest.mark.parametrize("given", ["import_module(a)", "getattr(import_module(a), b)"])
def test_a_module_is_followed_to_who_calls_what_returns_it(given: str, line: str) -> None:
    loader = LOADS.format(f"m = {given}\n    return m")
    caller = f"from shop.other import f\n\n\ndef g(a, b):\n    return {line}\n"
    said = "NAMES = ['rate']\n"

    assert not is_wrapped({"shop/other.py": loader, "shop/third.py": caller, "shop/said.py": said})
    assert is_wrapped({"shop/other.py": loader.replace("getattr(", "max("), "shop/said.py": said})


@pytest.mark.parametrize(
    "line",
    [
        "return import_module(a).run()",
        "return getattr(import_module(a), 'run')(dir(b))",
        "return vars(import_module('json'))",
        "return dir(import_module(f'other.kinds.{a}'))",
        "return dir(import_module('other.kinds.' + a))",
        "return vars(sys.modules[__name__])",
        "return a in sys.modules and dir(b)",
        "sys.modules[a] = b\n    return dir(b)",
        "return 'run' in dir(import_module(a))",
        "m = import_module(a)\n    return m is not None and isinstance(m, b) and dir(b)",
        "return sys._getframe().f_globals['__name__'] + str(vars(b))",
        "return sys._getframe().f_globals.get('__name__'), vars(b)",
        "return dir(b.modules[a])",
    ],
)
def test_what_a_file_writes_out_is_all_that_it_reads(line: str) -> None:
    assert is_wrapped({"shop/other.py": LOADS.format(line)})


@pytest.mark.parametrize("path", ["docs/conf.py", "setup.py"])
def test_what_never_runs_with_the_application_looks_at_nothing(path: str) -> None:
    everything = LOADS.format("return dir(import_module(a))")

    assert is_wrapped({path: everything})
    assert not is_wrapped({f"shop/{path}": everything})


READER = "from shop.other import Kept, get as load\n\n\ndef every(m):\n    return vars(m)\n"


@pytest.mark.parametrize(
    "other",
    [
        LOADS.format("import shop.reader\n    return shop.reader.every(import_module(a))"),
        LOADS.format("return [every(m) for n, m in sys.modules.copy().items() if n == a]"),
        LOADS.format("yield import_module(a)"),
        LOADS.format("b.found = import_module(a)"),
        "from importlib import import_module\n\n\n"
        "class Kept:\n    def get(self, a):\n        return import_module(a)\n",
        "from importlib import import_module\n\n\n"
        "class Kept:\n    def __getitem__(self, a):\n        return import_module(a)\n",
        "from importlib.util import module_from_spec\n\n\n"
        "def f(spec, see):\n    m = module_from_spec(spec)\n"
        "    spec.loader.exec_module(m)\n    return see(m)\n",
        "import runpy\n\n\ndef f(a):\n    return runpy.run_module(a)\n",
    ],
)
def test_a_module_that_goes_on_to_another_file_is_looked_into_there(other: str) -> None:
    assert not is_wrapped({"shop/other.py": other, "shop/reader.py": READER})


def test_what_returns_a_module_may_have_another_name_elsewhere() -> None:
    get = LOADS.replace("def f", "def get").format("return import_module(a)")
    reader = READER + "\n\ndef f(a):\n    m = load(a, 1)\n    return [*m.__dict__]\n"

    assert is_wrapped({"shop/other.py": get})
    assert not is_wrapped({"shop/other.py": get, "shop/reader.py": reader})


def test_a_package_that_is_handed_on_may_be_asked_for_what_is_in_its_modules() -> None:
    walks = "from functools import reduce\nimport shop\n\n\n"
    walks += "def f(names):\n    return reduce(getattr, names, shop)\n"

    assert is_wrapped({"shop/other.py": walks})
    assert not is_wrapped({"shop/other.py": walks, "shop/names.py": "NAMES = ['rate']\n"})
