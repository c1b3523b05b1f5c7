"""What other files, or a framework, would come upon by its name is not dormant."""

import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CLIENT = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
OLD = "def f():\n    return 1\n"
HOOK = OLD + "\n\ndef hook():\n    return 2\n"


def wrapped(
    path: str,
    before: str | None,
    after: str | None,
    others: Mapping[str, str] = {},
    convention: Convention = CLIENT,
) -> str:
    """The file in a repository with other files, by their path without `.py`."""
    kind = "added" if before is None else "deleted" if after is None else "modified"
    texts = [None if text is None else text.encode() for text in (before, after)]
    file = FileChange.model_validate(
        {"path": path, "kind": kind, "before": texts[0], "after": texts[1]}
    )
    modules = {"shop/__init__.py": b""} | {f"{n}.py": t.encode() for n, t in others.items()}
    modules |= {path: texts[1]} if texts[1] is not None else {}
    plan = wrap_change(
        Change(base="diff", head="diff", files=(file,), digest="0" * 64),
        flag="new-tax",
        convention=convention,
        policy=POLICY,
        modules=modules,
    )
    return (plan.files[0].text or b"").decode()


WAITING = [
    "try:\n    from shop.price import hook\nexcept ImportError:\n    hook = None\n",
    "try:\n    from .price import hook\nexcept ImportError:\n    hook = None\n",
    "from shop.price import *\n\nx = hook()\n",
    "import shop.price\n\nx = getattr(shop.price, 'hook', None)\n",
    "x = load('shop.price.hook')\n",
]


@pytest.mark.parametrize("page", WAITING)
def test_a_name_that_another_file_waits_for_is_refused(page: str) -> None:
    with pytest.raises(CannotWrap, match=r"shop/page\.py looks for `hook`"):
        wrapped("shop/price.py", OLD, HOOK, {"shop/page": page})


@pytest.mark.parametrize("page", WAITING)
def test_a_deleted_name_that_another_file_would_still_find_is_refused(page: str) -> None:
    with pytest.raises(CannotWrap, match=r"shop/page\.py looks for `hook`"):
        wrapped("shop/price.py", HOOK, OLD, {"shop/page": page})


FAILS = "from shop.price import hook\n\n\ndef page():\n    return hook()\n"
READY = [
    "try:\n    import shop.page\nexcept ImportError:\n    pass\n",
    "try:\n    import os\n    from shop import page\nexcept Exception:\n    page = None\n",
    "try:\n    import_module('shop.page')\nexcept ModuleNotFoundError:\n    pass\n",
]


def test_a_file_that_cannot_be_there_without_a_name_does_not_wait_for_it() -> None:
    for before, after, side in ((OLD, HOOK, "on"), (HOOK, OLD, "off")):
        text = wrapped("shop/price.py", before, after, {"shop/page": FAILS})

        assert f"# flag new-tax: {side}\ndef hook" in text


@pytest.mark.parametrize("main", READY)
def test_a_file_that_others_can_do_without_waits_for_a_name(main: str) -> None:
    with pytest.raises(CannotWrap, match=r"shop/page\.py looks for `hook`"):
        wrapped("shop/price.py", HOOK, OLD, {"shop/page": FAILS, "shop/main": main})


@pytest.mark.parametrize(
    "text",
    ["from shop.all import *\n\n\n" + OLD, "def __getattr__(name):\n    return 1\n\n\n" + OLD],
)
def test_a_file_that_gets_a_name_otherwise_does_not_fail_without_it(text: str) -> None:
    with pytest.raises(CannotWrap):
        wrapped(
            "shop/price.py", text + "\n\ndef hook():\n    return 2\n", text, {"shop/page": FAILS}
        )


@pytest.mark.parametrize(
    "page", ["from other.price import hook\n", "from price import *\n\nhook()\n", "hook = 'hook'\n"]
)
def test_a_name_of_another_file_is_another_name(page: str) -> None:
    assert "# flag new-tax: on" in wrapped("shop/price.py", OLD, HOOK, {"shop/page": page})


SHOWS = "def show(price, word):\n    return getattr(price, word)\n"
HAVING = [
    {"shop/page": "from shop import price\n\n\n" + SHOWS},
    {"shop/page": "import shop.price\n\n\ndef names():\n    return dir(shop.price)\n"},
    {"shop/page": "import shop.price as p\n\n\ndef names():\n    return dir(p)\n"},
    {
        "shop/page": SHOWS,
        "shop/main": "from . import price\nfrom .page import show\n\nshow(price)\n",
    },
    {"shop/page": f"import sys\n\nx = sys.modules['shop.price']\n\n\n{SHOWS}"},
    {"shop/page": "from shop import price\n\nx = getattr(price, 'ho' + 'ok')\n"},
]


@pytest.mark.parametrize("others", HAVING)
def test_a_name_of_a_module_that_others_look_into_is_refused(others: Mapping[str, str]) -> None:
    with pytest.raises(CannotWrap, match=r"shop/page\.py looks up names of this file"):
        wrapped("shop/price.py", OLD, HOOK, others)


@pytest.mark.parametrize(
    "main", ["from shop.price import f\n", "from shop import price\n\nprice.f()\n"]
)
def test_what_is_looked_into_is_no_module_where_none_is_handed_on(main: str) -> None:
    others = {"shop/page": SHOWS, "shop/main": main}

    assert "# flag new-tax: on" in wrapped("shop/price.py", OLD, HOOK, others)


def test_a_module_that_is_asked_for_another_name_is_not_looked_into() -> None:
    page = "from shop import price\n\nx = getattr(price, 'other', None)\n"

    assert "# flag new-tax: on" in wrapped("shop/price.py", OLD, HOOK, {"shop/page": page})


def test_a_test_may_use_what_only_the_new_version_has() -> None:
    test = "from shop.price import hook\n"

    assert "# flag new-tax: on" in wrapped("shop/price.py", OLD, HOOK, {"tests/test_price": test})


@pytest.mark.parametrize("before", [None, HOOK])
def test_a_file_that_another_one_imports_where_it_can_is_refused(before: str | None) -> None:
    page = "try:\n    import shop.fast as fast\nexcept ImportError:\n    fast = None\n"

    with pytest.raises(CannotWrap, match=r"shop/page\.py imports it where it can"):
        wrapped("shop/fast.py", before, None if before else HOOK, {"shop/page": page})


def test_a_file_beside_one_that_lists_them_is_refused() -> None:
    page = "import pkgutil\n\nFOUND = [m.name for m in pkgutil.iter_modules(__path__)]\n"

    with pytest.raises(CannotWrap, match="lists the files beside it"):
        wrapped("shop/more/fast.py", None, HOOK, {"shop/more/__init__": page})


def test_a_migration_is_refused() -> None:
    text = "revision = 'b'\ndown_revision = 'a'\n\n\ndef upgrade():\n    pass\n"

    with pytest.raises(CannotWrap, match="it is a migration"):
        wrapped("db/versions/b.py", None, text)


@pytest.mark.parametrize(
    ("path", "before", "other"),
    [
        ("shop/page.py", None, "shop/page/__init__"),
        ("shop/page/__init__.py", None, "shop/page"),
        ("shop/page.py", HOOK, "shop/page/more"),
    ],
)
def test_a_module_and_a_package_of_one_name_are_refused(
    path: str, before: str | None, other: str
) -> None:
    with pytest.raises(CannotWrap, match="one hides the other"):
        wrapped(path, before, None if before else HOOK, {other: OLD})


def test_a_module_that_a_package_hides_from_both_versions_is_no_reason() -> None:
    after = HOOK + "\n\ndef more():\n    return 1\n"

    assert "def more" in wrapped("shop/page.py", HOOK, after, {"shop/page/__init__": OLD})


@pytest.mark.parametrize(
    "before",
    [
        "class Page:\n    class Meta:\n        A = 1\n",
        "class ShopConfig:\n    A = 1\n",
    ],
)
def test_a_value_of_a_class_that_is_read_as_a_whole_is_refused(before: str) -> None:
    line = before.split("\n")[-2]
    after = before + line.replace("A", "B") + "\n"

    with pytest.raises(CannotWrap, match=r"reads `\w+` as a whole"):
        wrapped("shop/page.py", before, after)


@pytest.mark.parametrize(
    ("path", "manage"),
    [
        ("shop/settings.py", ""),
        ("shop/settings/base.py", ""),
        ("shop/urls.py", "ROOT_URLCONF = 'shop.urls'\n"),
        ("shop/pages.py", "urlpatterns = [path('', include('shop.pages'))]\n"),
        ("shop/local.py", "app.config.from_object('shop.local')\n"),
    ],
)
def test_a_constant_that_a_framework_reads_by_its_name_is_refused(path: str, manage: str) -> None:
    with pytest.raises(CannotWrap, match="a framework may read"):
        wrapped(path, "A = 1\n", "A = 1\nB = 2\n", {"manage": manage})


def test_the_name_of_a_logger_loads_no_file() -> None:
    page = "log = getLogger('shop.price')\nPAGES = [\n    'shop.price',\n]\n"

    text = wrapped("shop/price.py", "A = 1\n", "A = 1\nB = 2\n", {"shop/page": page})

    assert "# flag new-tax: on\nB = 2" in text


@pytest.mark.parametrize("path", ["docs/conf.py", "tests/conftest.py"])
def test_a_document_or_a_test_that_names_a_file_loads_it_for_no_application(path: str) -> None:
    other = {path.removesuffix(".py"): "import_all('shop.price')\n"}

    text = wrapped("shop/price.py", "A = 1\n", "A = 1\n_B = object()\n", other)

    assert "# flag new-tax: on\n_B = object()" in text


def test_a_file_that_the_client_imports_when_it_is_asked_is_refused() -> None:
    toggles = "def is_on(name):\n    from shop.price import f\n\n    return f() and name\n"
    way = Convention(import_line="from toggles import is_on", check='is_on("{flag}")')

    with pytest.raises(CannotWrap, match="the flag client imports this file"):
        wrapped("shop/price.py", OLD, OLD.replace("1", "2"), {"toggles": toggles}, way)


INSIDE = Convention(import_line="from shop.flags import is_on", check='is_on("{flag}")')


@pytest.mark.parametrize("first", ["shop", "shop.flags", "shop.price"])
def test_a_file_that_the_package_around_the_client_imports_may_ask_it(
    first: str, tmp_path: Path
) -> None:
    files = {"shop/__init__": "from shop.price import f\n"}
    files["shop/flags"] = "def is_on(name):\n    return False\n"
    price = wrapped("shop/price.py", OLD, OLD.replace("1", "2"), files, INSIDE)
    (tmp_path / "shop").mkdir()
    for path, text in {**files, "shop/price": price}.items():
        (tmp_path / f"{path}.py").write_text(text)

    told = subprocess.run(
        [sys.executable, "-c", f"import {first}, shop\nprint(shop.f())"],
        cwd=tmp_path, check=True, capture_output=True,
    ).stdout  # fmt: skip

    assert told == b"1\n"


@pytest.mark.parametrize("first", ["shop", "shop.flags"])
def test_the_package_around_the_client_may_ask_it(first: str, tmp_path: Path) -> None:
    flags = "import os\n\n\ndef is_on(name):\n    return not os.sep\n"
    init = wrapped("shop/__init__.py", OLD, OLD.replace("1", "2"), {"shop/flags": flags}, INSIDE)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").write_text(init)
    (tmp_path / "shop/flags.py").write_text(flags)

    told = subprocess.run(
        [sys.executable, "-c", f"import {first}, shop\nprint(shop.f())"],
        cwd=tmp_path, check=True, capture_output=True,
    ).stdout  # fmt: skip

    assert told == b"1\n"


@pytest.mark.parametrize("flags", ["from shop import f\n", "from . import f\n"])
def test_a_package_that_the_client_takes_something_from_cannot_ask_it(flags: str) -> None:
    client = f"{flags}\n\ndef is_on(name):\n    return False\n"

    with pytest.raises(CannotWrap, match="the flag client imports this file"):
        wrapped("shop/__init__.py", OLD, OLD.replace("1", "2"), {"shop/flags": client}, INSIDE)


@pytest.mark.parametrize(
    "flags", ["from shop import RATE\n", "import shop.price\n", "from . import price\n"]
)
def test_a_client_that_needs_more_of_its_package_cannot_be_imported(flags: str) -> None:
    files = {"shop/__init__": "from shop.price import f\n\nRATE = 3\n"}
    files["shop/flags"] = f"{flags}\n\ndef is_on(name):\n    return False\n"

    with pytest.raises(CannotWrap, match="the flag client imports this file"):
        wrapped("shop/price.py", OLD, OLD.replace("1", "2"), files, INSIDE)


SELF = Convention(
    import_line="from flags import active",
    check='active({context}, "{flag}")',
    context="self.request",
)
USER = SELF.model_copy(update={"context": "request.user"})


@pytest.mark.parametrize(
    ("convention", "before", "why"),
    [
        (SELF, "class A:\n    def f(self):\n        return 1\n", "may have no `request`"),
        (
            SELF,
            "class A:\n    def __init__(self, n):\n        self.request = n\n        self.n = 1\n",
            "may have no `request`",
        ),
        (USER, "def f(request=None):\n    return 1\n", "may not be given"),
        (USER, "def f(request):\n    request = 5\n    return 1\n", "becomes something else"),
        (USER, "def f(other):\n    return 1\n", "has no parameter `request`"),
    ],
)
def test_a_function_that_cannot_say_for_whom_it_asks_is_refused(
    convention: Convention, before: str, why: str
) -> None:
    with pytest.raises(CannotWrap, match=why):
        wrapped("shop/price.py", before, before.replace("1\n", "2\n"), {}, convention)


@pytest.mark.parametrize(
    ("convention", "before"),
    [
        (SELF, "class A(View):\n    def f(self):\n        return 1\n"),
        (SELF, "class A:\n    request = None\n\n    def f(self):\n        return 1\n"),
        (USER, "def f(request, n=0):\n    return 1\n"),
    ],
)
def test_a_function_that_can_say_for_whom_it_asks_does(convention: Convention, before: str) -> None:
    text = wrapped("shop/price.py", before, before.replace("return 1", "return 2"), {}, convention)

    assert convention.asking("new-tax") in text


BOX = "class Box:\n    def one(self):\n        return 1\n"
RUN = BOX + "\n    def run(self):\n        return 2\n"


@pytest.mark.parametrize(
    "page",
    [
        "class B(Box):\n    pass\n\n\nclass D(B, Thread):\n    pass\n",
        "class D(Base, Thread):\n    pass\n",
    ],
    ids=["two levels down", "under another name"],
)
def test_a_method_that_a_class_of_two_bases_would_inherit_is_refused(page: str) -> None:
    page = "from shop.box import Box\nfrom shop.box import Box as Base\n\n\n" + page

    with pytest.raises(CannotWrap, match="inherits from `Box` and from another class"):
        wrapped("shop/box.py", BOX, RUN, {"shop/page": page})


@pytest.mark.parametrize(("other", "is_refused"), [("walk", False), ("run", True)])
def test_a_class_of_two_bases_may_have_one_that_certainly_lacks_the_method(
    other: str, *, is_refused: bool
) -> None:
    imports = "from shop.box import Box\nfrom shop.other import Other\n"
    page = imports + "\n\nclass D(Box, Other):\n    pass\n"
    files = {
        "shop/page": page,
        "shop/other": f"class Other:\n    def {other}(self):\n        return 3\n",
    }
    if is_refused:
        with pytest.raises(CannotWrap, match="inherits from `Box` and from another class"):
            wrapped("shop/box.py", BOX, RUN, files)
        return
    assert "# flag new-tax: on" in wrapped("shop/box.py", BOX, RUN, files)


def test_a_class_whose_other_base_comes_first_keeps_what_it_had() -> None:
    page = (
        "from shop.box import Box\n\n\nclass B(Box):\n    pass\n\n\nclass D(Thread, B):\n    pass\n"
    )

    assert "# flag new-tax: on" in wrapped("shop/box.py", BOX, RUN, {"shop/page": page})


def test_a_method_that_is_asked_for_through_a_call_is_refused() -> None:
    page = "def f(box):\n    return hasattr(type(box), 'run')\n"

    with pytest.raises(CannotWrap, match="looks for members such as `run`"):
        wrapped("shop/box.py", BOX, RUN, {"shop/page": page})


def test_private_methods_that_another_file_puts_together_are_not_two() -> None:
    before = "class Box:\n    def _run(self, a, b=0):\n        return a\n\n    def f(self):\n"
    before += "        return self._run(1)\n"
    after = before.replace("a, b=0):", "b, a):").replace("_run(1)", "_run(2, 1)")
    page = "def f(box, name):\n    return getattr(box, '_' + name)(1)\n"

    with pytest.raises(CannotWrap, match="the signature of `_run` changes"):
        wrapped("shop/box.py", before, after, {"shop/page": page})


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    return 1\n\n\nXS = [3, 2]\nXS.sort(key=f)\n",
        "import re\n\n\ndef f(x):\n    return 1\n\n\nT = re.sub('a', f, 'b')\n",
        "import threading\n\n\ndef f():\n    return 1\n\n\nthreading.Thread(target=f).start()\n",
        "class Key:\n    def __hash__(self):\n        return 1\n\n\nT = {Key(): 2}\n",
    ],
)
def test_what_is_called_while_the_file_is_imported_does_not_ask(code: str) -> None:
    with pytest.raises(CannotWrap, match="while the file is imported"):
        wrapped("shop/box.py", code, code.replace("return 1", "return 5"))
