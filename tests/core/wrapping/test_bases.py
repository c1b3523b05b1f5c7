"""New classes whose bases other files of the repository have."""

import tomllib
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
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
OLD = b"from shop.base import Page\n\n\ndef f():\n    return 1\n"
NEW = b"from shop.base import Page\n\n\nclass Basket(Page):\n    pass\n\n\ndef f():\n    return 2\n"
MEMBER = b"    @abstractmethod\n    def more(self): ...\n"


def plan(*files: FileChange, **others: str) -> str:
    """The first wrapped file of a repository with other files."""
    change = Change(base="diff", head="diff", files=files, digest="0" * 64)
    modules = {f"shop/{name}.py": text.encode() for name, text in others.items()}
    modules |= {file.path: file.after for file in files if file.after is not None}
    modules["shop/__init__.py"] = b""
    wrapped = wrap_change(
        change, flag="new-tax", convention=CONVENTION, policy=POLICY, modules=modules
    )
    return (wrapped.files[0].text or b"").decode()


def modified(path: str, before: bytes, after: bytes) -> FileChange:
    return FileChange(path=path, kind="modified", before=before, after=after)


@pytest.mark.parametrize(
    "base",
    [
        "class Page:\n    pass\n",
        "class Page(dict):\n    pass\n",
        "import collections\n\n\nclass Page(collections.UserDict):\n    pass\n",
        "import tempfile\n\n\nclass Page(tempfile.SpooledTemporaryFile):\n    pass\n",
        "from shop.root import Page\n",
        "from .root import Root\n\n\nclass Page(Root):\n    pass\n",
    ],
)
def test_a_class_is_dormant_below_bases_that_do_nothing(base: str) -> None:
    root = "class Page:\n    pass\n\n\nclass Root(Exception):\n    pass\n"

    text = plan(modified("shop/basket.py", OLD, NEW), base=base, root=root)

    assert "# flag new-tax: on\nclass Basket(Page):" in text


@pytest.mark.parametrize(
    "base",
    [
        "class Page(type):\n    pass\n",
        "import unittest\n\n\nclass Page(unittest.TestCase):\n    pass\n",
        "class Page(metaclass=Meta):\n    pass\n",
        "from elsewhere import Root\n\n\nclass Page(Root):\n    pass\n",
        "class Page:\n    def __init_subclass__(cls):\n        found.append(cls)\n",
        "class Page:\n    pass\n\n\ndef pages():\n    return Page.__subclasses__()\n",
        "if x:\n    class Page:\n        pass\nelse:\n    class Page:\n        y = 1\n",
    ],
)
def test_a_class_below_bases_that_may_act_is_refused(base: str) -> None:
    with pytest.raises(CannotWrap, match="`Basket`"):
        plan(modified("shop/basket.py", OLD, NEW), base=base)


@pytest.mark.parametrize("head", ["Page", "Page[int]"])
def test_what_only_brackets_call_is_quiet_without_them(head: str) -> None:
    base = "class Page:\n    def __class_getitem__(cls, item):\n        return found.append(item)\n"
    new = NEW.replace(b"(Page)", f"({head})".encode())
    file = modified("shop/basket.py", OLD, new)

    for more in (base, base.replace("Page:", "Root:") + "\n\nclass Page(Root):\n    pass\n"):
        if head == "Page":
            assert "# flag new-tax: on\nclass Basket" in plan(file, base=more)
        else:
            with pytest.raises(CannotWrap, match="a base of `Basket` may act"):
                plan(file, base=more)


def test_a_new_program_is_dormant_whatever_it_does() -> None:
    program = FileChange(path="examples/shop.py", kind="added", after=b"print(1)\nx = open('a')\n")
    imported = program.model_copy(update={"path": "shop/more.py"})

    assert plan(program, a="import os\n").startswith("# ")
    with pytest.raises(CannotWrap, match="runs when the file is imported"):
        plan(imported)
    with pytest.raises(CannotWrap, match="runs when the file is imported"):
        plan(program, a="from examples.shop import x\n")


@pytest.mark.parametrize(
    ("handler", "is_quiet"),
    [
        ("except ImportError as error:\n    raise ImportError('Install it.') from error\n", True),
        ("except ModuleNotFoundError:\n    raise ImportError('a' 'b') from None\n", True),
        ("except ImportError:\n    raise SystemExit('Install it.')\n", False),
        ("except ImportError:\n    raise ImportError(advice())\n", False),
        ("except ImportError:\n    print(1)\n    raise ImportError('Install it.')\n", False),
        ("except Exception:\n    raise ImportError('Install it.')\n", False),
    ],
)
def test_a_new_file_may_say_more_of_an_import_that_fails(handler: str, is_quiet: bool) -> None:
    text = f"try:\n    import lib\n{handler}\n\ndef f():\n    return lib.x\n"
    file = FileChange(path="shop/extra.py", kind="added", after=text.encode())

    if is_quiet:
        assert plan(file).startswith("# ")
    else:
        with pytest.raises(CannotWrap, match="runs when the file is imported"):
            plan(file)


def test_a_new_file_with_such_a_class_is_dormant() -> None:
    file = FileChange(path="shop/basket.py", kind="added", after=NEW)

    assert plan(file, base="class Page:\n    pass\n").startswith("# ")


@pytest.mark.parametrize("heir_has_it", [False, True])
def test_an_abstract_method_is_dormant_where_every_heir_has_it(heir_has_it: bool) -> None:
    head = b"from abc import ABC, abstractmethod\n\n\nclass Page(ABC):\n"
    old = head + b"    def run(self):\n        return 1\n"
    new = head + b"    def run(self):\n        return 2\n\n" + MEMBER
    heir = (
        "from shop.base import Page\n\n\nclass Box(Page):\n    def run(self):\n        return 3\n"
    )
    heir += "\n    def more(self):\n        return 4\n" if heir_has_it else ""
    if heir_has_it:
        assert "# flag new-tax: on\n    @abstractmethod" in plan(
            modified("shop/base.py", old, new), box=heir
        )
        return
    with pytest.raises(CannotWrap, match="nobody could make a"):
        plan(modified("shop/base.py", old, new), box=heir)


@pytest.mark.parametrize(
    ("user", "is_wrapped"),
    [
        ("class User:\n    pass\n", True),
        ("from shop.other import User\n", False),
        ("User = object\n", False),
        ("class User:\n    pass\n\n\nUser = wrapped(User)\n", False),
        ("def __getattr__(name):\n    return loaded(name)\n", False),
    ],
)
def test_a_file_of_one_version_may_look_up_a_class_of_another_file(
    user: str,
    is_wrapped: bool,
) -> None:
    text = b"from shop import people\n\n\ndef greet(user: people.User) -> str:\n    return 'hi'\n"
    added = FileChange(path="shop/greet.py", kind="added", after=text)
    gone = FileChange(path="shop/greet.py", kind="deleted", before=text)

    for file in (added, gone):
        if is_wrapped:
            assert "flag new-tax: o" in plan(file, people=user)
            continue
        with pytest.raises(CannotWrap, match="is computed when the file is imported"):
            plan(file, people=user)
