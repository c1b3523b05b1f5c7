"""A whole change becomes one plan, or is refused as a whole; a flag leaves every file."""

import tomllib
from pathlib import Path

import pytest

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.retire import retire_files
from flagwright.core.wrapping.wrapped import Wrapped
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
OLD, NEW = b"def f():\n    return 1\n", b"def f():\n    return 2\n"


def change(*files: FileChange) -> Change:
    return Change(base="diff", head="diff", files=files, digest="0" * 64)


def wrapped(*files: FileChange) -> Wrapped:
    return wrap_change(change(*files), flag="new-tax", convention=CONVENTION, policy=POLICY)


def modified(path: str, before: bytes = OLD, after: bytes = NEW) -> FileChange:
    return FileChange(path=path, kind="modified", before=before, after=after)


def test_every_changed_place_is_covered() -> None:
    plan = wrapped(
        modified("app/a.py"),
        modified("app/b.py", OLD, b"def f():\n    # why\n    return 1\n"),
        modified("app/page.html"),
        modified("tests/test_a.py"),
        FileChange(
            path="app/new.py", kind="added", after=b"import os\n\n\ndef g():\n    return os\n"
        ),
        FileChange(path="app/old.py", kind="deleted", before=OLD),
    )

    assert [(s.path, s.treatment) for s in plan.coverage] == [
        ("app/a.py", "guarded"),
        ("app/b.py", "neutral"),
        ("app/page.html", "not-controllable"),
        ("tests/test_a.py", "passed-through"),
        ("app/new.py", "dormant"),
        ("app/old.py", "kept"),
    ]
    assert [f.path for f in plan.files] == ["app/a.py", "app/new.py", "app/old.py"]
    assert {p.path for p in plan.proof} == {"app/a.py", "app/new.py", "app/old.py"}


def test_each_place_without_an_effect_at_run_time_is_covered_as_neutral() -> None:
    before = (
        '"Prices."\n\nimport os\n\n\ndef f(item: int):\n    "Say.\\\n\\\n    Twice."\n\n'
        "    # Why.\n    return os.sep\n\n\ndef g(rate):\n    # Gone.\n    return [rate, 1]\n"
    )
    after = (
        '"The prices."\n\nimport os\n\n\ndef f(item: str):\n    "Say.\\\n\\\n    Once."\n\n'
        "    # Now.\n    return os.name\n\n\ndef g(rate):\n    return [\n        rate, 1\n    ]\n"
    )

    found = [
        (s.treatment, s.side, s.line, s.end_line)
        for s in wrapped(modified("a.py", before.encode(), after.encode())).coverage
    ]

    assert found == [
        ("guarded", "after", 12, 12),
        ("neutral", "after", 1, 1),
        ("neutral", "after", 6, 6),
        ("neutral", "after", 9, 9),
        ("neutral", "after", 16, 18),
    ]
    alone = wrapped(modified("a.py", before.encode(), before.replace("Twice", "2x").encode()))
    assert [(s.treatment, s.line) for s in alone.coverage] == [("neutral", 9)]


def test_the_header_of_a_class_is_covered_apart_from_what_stands_below() -> None:
    before = b"class Box(object):\n    def net(self):\n        return 1\n"
    after = b"class Box:\n    def net(self):\n        return 2\n"

    found = wrapped(modified("app/a.py", before, after)).coverage

    assert [(s.treatment, s.line) for s in found] == [("guarded", 3), ("neutral", 1)]


CART = """\
class Cart:
    def __init__(self, items, discount=0):
        self.items = items
        {0}

    def total(self):
        return sum(self.items) - {1}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (("pass", "0"), ("self._less = discount", "self._less"), ["`_less` of objects", "on"]),
        (("self._less = discount", "self._less"), ("pass", "0"), ["`_less` of objects", "off"]),
        (("pass", "0"), ("self.items = [1]", "len(self.items)"), ["`items`, which"]),
        (("self._less = 1", "0"), ("self._less = discount", "self._less"), ["`_less`, which"]),
        (("self._less = 1", "0"), ("self._less = discount", "1"), []),
        (("pass", "0"), ("self._less = discount", "discount"), []),
    ],
)
def test_objects_that_a_switch_of_the_flag_would_break_are_told(
    old: tuple[str, str], new: tuple[str, str], told: list[str]
) -> None:
    before, after = (CART.format(*parts).encode() for parts in (old, new))

    notes = wrapped(modified("shop/cart.py", before, after)).notes

    assert bool(notes) == bool(told)
    assert all(f" {word}" in notes[0] for word in told)


def test_the_edits_start_from_the_new_side_and_a_deleted_file_comes_back() -> None:
    plan = wrapped(modified("a.py"), FileChange(path="b.py", kind="deleted", before=OLD))

    assert plan.files[0].before == NEW
    assert plan.files[1].before is None
    assert plan.files[1].text == b"# flag new-tax: off (file)\n" + OLD


def test_a_file_asks_as_its_own_package_does() -> None:
    way = Convention(import_line="from b.toggles import t", check='t.is_enabled("{flag}")')

    plan = wrap_change(
        change(modified("a/x.py"), modified("b/y.py")),
        flag="new-tax",
        convention=CONVENTION,
        policy=POLICY,
        near={"b/y.py": way},
    )

    assert [b"t.is_enabled(" in (f.text or b"").replace(b"client", b"") for f in plan.files] == [
        False,
        True,
    ]


def test_a_file_that_moved_is_there_twice() -> None:
    file = FileChange(path="b.py", kind="renamed", renamed_from="a.py", before=OLD, after=NEW)
    user = modified(
        "c.py",
        b"from a import f\n\n\ndef g():\n    return f()\n",
        b"from b import f\n\n\ndef g():\n    return f()\n",
    )

    plan = wrapped(file, user)

    assert [(f.path, f.before) for f in plan.files][:2] == [("b.py", NEW), ("a.py", None)]
    assert plan.files[0].text == b"# flag new-tax: on (file)\n" + NEW
    assert plan.files[1].text == b"# flag new-tax: off (file)\n" + OLD
    assert b"from a import f as _f_off" in (plan.files[2].text or b"")


@pytest.mark.parametrize(
    "state", ["SEEN = []\ndef f(): SEEN.append(1)\n", "N = 1\ndef f():\n    global N\n    N = 2\n"]
)
def test_a_file_that_moved_with_what_changes_while_it_runs_is_refused(state: str) -> None:
    before = state.encode()
    file = FileChange(
        path="b.py", kind="renamed", renamed_from="a.py", before=before, after=before + b"X = 1\n"
    )

    with pytest.raises(CannotWrap, match="may change while it runs"):
        wrapped(file)


def test_a_program_that_moved_is_there_twice_whatever_it_holds() -> None:
    text = b"SEEN = []\n\n\ndef f():\n    SEEN.append(1)\n\n\nf()\n"
    paths = {"path": "examples/b.py", "renamed_from": "examples/a.py"}
    file = FileChange.model_validate({**paths, "kind": "renamed", "before": text, "after": text})

    plan = wrap_change(
        change(file),
        flag="new-tax",
        convention=CONVENTION,
        policy=POLICY,
        modules={"examples/b.py": text},
    )

    assert [f.path for f in plan.files] == ["examples/b.py", "examples/a.py"]


@pytest.mark.parametrize(
    ("file", "category"),
    [
        (
            FileChange(
                path="a.py", kind="renamed", renamed_from="b.py", before=OLD, after=b"start()\n"
            ),
            "renamed-file",
        ),
        (FileChange(path="a.py", kind="modified", unreadable="too large"), "not-python"),
        (
            FileChange(path="a.py", kind="modified", before=OLD, after=NEW, mode="120000"),
            "not-python",
        ),
        (FileChange(path="a.py", kind="added", after=b"start()\n"), "import-time"),
        (FileChange(path="a.py", kind="modified"), "unparsable"),
        (modified("a.py", b"X = 1\n", b"X = start()\n"), "import-time"),
    ],
)
def test_one_file_without_a_flagged_form_refuses_the_change(
    file: FileChange, category: str
) -> None:
    with pytest.raises(CannotWrap) as caught:
        wrapped(modified("0.py"), file)

    assert (caught.value.path, caught.value.category) == ("a.py", category)


@pytest.mark.parametrize(
    ("imported", "needed"),
    [
        ("import orjson", "orjson"),
        ("from orjson.fast import dumps", "orjson"),
        ("import json", None),
        ("import yaml", None),
        ("from shop import price", None),
        ("from . import price", None),
        ("try:\n    import orjson\nexcept ImportError:\n    orjson = None", None),
    ],
)
def test_a_package_that_is_needed_with_the_flag_off_is_told(
    imported: str, needed: str | None
) -> None:
    old = "def f(a):\n    return 1\n"
    new = f"{imported}\n\n\n{old.replace('1', '2')}"
    file = FileChange(path="shop/a.py", kind="modified", before=old.encode(), after=new.encode())
    modules = {"shop/__init__.py": b"", "shop/price.py": b"import os, yaml\n"}

    found = wrap_change(
        change(file), flag="new-tax", convention=CONVENTION, policy=POLICY,
        modules=modules | {"shop/a.py": new.encode()},
    ).notes  # fmt: skip

    told = f"shop/a.py:1 imports {needed} with the flag off, too: install it first"
    assert [note for note in found if "install" in note] == [told] * bool(needed)


def test_the_module_of_the_client_cannot_ask_itself() -> None:
    with pytest.raises(CannotWrap) as caught:
        wrapped(modified("src/flags.py"))

    assert caught.value.category == "import-time"
    assert "--import and --check" in caught.value.next_step


def test_a_file_that_the_client_imports_cannot_import_the_client() -> None:
    modules = {
        "shop/__init__.py": b"",
        "shop/flags.py": b"from shop import settings\nclient = settings.make()\n",
        "shop/settings.py": b"from .level import deep\n",
    }
    convention = Convention(import_line="from shop.flags import client", check=CONVENTION.check)

    for path in ("shop/settings.py", "shop/level.py"):
        with pytest.raises(CannotWrap) as caught:
            wrap_change(
                change(modified(path)),
                flag="new-tax",
                convention=convention,
                policy=POLICY,
                modules=modules,
            )
        assert caught.value.category == "import-time"
    wrap_change(
        change(modified("shop/tax.py")),
        flag="new-tax",
        convention=convention,
        policy=POLICY,
        modules=modules,
    )


def test_wrapped_code_comes_back_unchanged_with_a_note() -> None:
    first = wrapped(modified("a.py"))
    text = first.files[0].text
    assert text is not None

    again = wrapped(modified("a.py", OLD, text))

    assert again.files == ()
    assert again.notes


def test_more_changes_behind_the_same_flag_are_wrapped_anew_and_never_nested() -> None:
    text = wrapped(modified("a.py")).files[0].text
    assert text is not None
    edited = text + b"\n\ndef g():\n    return 3\n"
    before = OLD + b"\n\ndef g():\n    return 4\n"

    again = wrapped(modified("a.py", before, edited)).files[0].text

    assert again is not None
    assert again.count(b"is_enabled") == 2
    assert again.count(b"import client") == 1


@pytest.mark.parametrize("on", [True, False])
def test_retiring_takes_the_flag_out_of_every_file(on: bool) -> None:
    plan = wrapped(
        modified("a.py"),
        FileChange(path="new.py", kind="added", after=OLD),
        FileChange(path="old.py", kind="deleted", before=NEW),
    )
    files = {f.path: f.text for f in plan.files if f.text is not None}

    retired = retire_files(files | {"other.py": OLD}, flag="new-tax", on=on)

    assert {f.path: f.text for f in retired.files} == {
        "a.py": NEW if on else OLD,
        "new.py": OLD if on else None,
        "old.py": None if on else NEW,
    }
    assert not retired.coverage


def test_what_still_mentions_the_flag_is_listed() -> None:
    files = {"a.py": b"NAMES = ['new-tax']\nif client.is_enabled('new-tax'):\n    pass\n"}

    retired = retire_files(files, flag="new-tax", on=True)

    assert [(s.line, s.treatment) for s in retired.coverage] == [(1, "left")]


def test_retiring_follows_constants_members_and_functions_that_ask_into_other_files() -> None:
    files = {
        "app/names.py": b'NEW = "new-tax"\n\n\nclass Flags:\n    NEW = "new-tax"\n\n\n'
        b"def use_new():\n    return client.is_enabled(NEW)\n",
        "app/price.py": b"from app.names import NEW, Flags\n"
        b"from .names import use_new as asked\n\n\n"
        b"def f():\n    if client.is_enabled(NEW):\n        return 1\n    return 2\n\n\n"
        b"def g():\n    return 1 if client.is_enabled(Flags.NEW) else 2\n\n\n"
        b"def h():\n    return 1 if asked() else 2\n",
        "other/price.py": b"from lib.names import NEW\n\n\n"
        b"def f():\n    return client.is_enabled(NEW)\n",
    }

    retired = retire_files(files, flag="new-tax", on=True)

    texts = {file.path: file.text for file in retired.files}
    assert texts["app/price.py"] == (
        b"def f():\n    return 1\n\n\ndef g():\n    return 1\n\n\ndef h():\n    return 1\n"
    )
    assert "other/price.py" not in texts
    assert {(s.path, s.line) for s in retired.coverage} == {
        ("app/names.py", 1),
        ("app/names.py", 5),
        ("app/names.py", 8),
    }


BASE = b"class Page:\n    def show(self):\n        return 1\n"
HEIR = (
    b"from shop.base import Page\n\n\nclass Basket(Page):\n    def show(self):\n        return {}\n"
)


def heir(body: bytes, import_line: bytes = b"from shop.base import Page") -> FileChange:
    before = HEIR.replace(b"{}", b"1").replace(b"from shop.base import Page", import_line)
    after = before.replace(b"return 1", b"return self.total()") + body
    return modified("shop/basket.py", before, after)


NEW_METHOD = b"\n    def total(self):\n        return 2\n"


def with_base(base: bytes, file: FileChange, **more: bytes) -> Wrapped:
    modules = {"shop/__init__.py": b"", "shop/base.py": base}
    modules |= {f"shop/{name}.py": text for name, text in more.items()}
    modules["shop/basket.py"] = file.after or b""
    return wrap_change(
        change(file), flag="new-tax", convention=CONVENTION, policy=POLICY, modules=modules
    )


@pytest.mark.parametrize(
    "line", [b"from shop.base import Page", b"from .base import Page", b"from shop import base"]
)
def test_a_new_method_is_dormant_where_the_bases_in_other_files_lack_it(line: bytes) -> None:
    file = heir(NEW_METHOD, line)
    if line.endswith(b"base"):
        sides = [
            (side or b"").replace(b"(Page)", b"(base.Page)") for side in (file.before, file.after)
        ]
        file = modified(file.path, *sides)

    plan = with_base(BASE, file)

    assert [s.treatment for s in plan.coverage] == ["guarded", "dormant"]


@pytest.mark.parametrize(
    "base",
    [
        BASE.replace(b"show(self)", b"total(self, n)"),
        BASE.replace(b"Page:", b"Page(Other):"),
        BASE.replace(b"return 1", b"return getattr(self, 'total')"),
        BASE.replace(b"return 1", b"self.total = 1"),
        BASE + b"\n    def __getattr__(self, name):\n        return 1\n",
        b"from shop.more import Page\n",
        b"@register\n" + BASE,
        b"def Page(): pass\n",
        b"Page = make()\n",
    ],
)
def test_a_new_method_that_a_base_may_have_or_look_for_is_refused(base: bytes) -> None:
    with pytest.raises(CannotWrap, match="inherits"):
        with_base(base, heir(NEW_METHOD))


def test_a_new_method_calls_the_one_that_it_overrides_while_the_flag_is_off() -> None:
    plan = with_base(BASE.replace(b"show", b"total"), heir(NEW_METHOD))

    text = plan.files[0].text or b""
    assert b"            return 2\n        else:\n            return super().total()\n" in text
    retired = retire_files({"shop/basket.py": text}, flag="new-tax", on=False)
    assert b"total(self):" not in (retired.files[0].text or b"")


@pytest.mark.parametrize(
    ("own", "is_alike"),
    [("b, /, **more", True), ("a, **rest", False), ("a, c, /, **rest", False), ("b, /", False)],
)
def test_it_overrides_what_callers_call_alike(own: str, *, is_alike: bool) -> None:
    """By place alone, nobody uses the name of a parameter."""
    base = BASE + b"\n    def total(self, a, /, **rest):\n        return a\n"
    file = heir(NEW_METHOD.replace(b"self", f"self, {own}".encode()))

    if is_alike:
        assert b"return super().total(b, **more)" in (with_base(base, file).files[0].text or b"")
    else:
        with pytest.raises(CannotWrap, match="inherits"):
            with_base(base, file)


def test_a_new_method_whose_base_gets_it_in_the_same_change_is_dormant_like_that_one() -> None:
    base = modified("shop/base.py", BASE, BASE.replace(b"show", b"total"))

    plan = wrap_change(
        change(base, heir(NEW_METHOD)),
        flag="new-tax",
        convention=CONVENTION,
        policy=POLICY,
        modules={"shop/base.py": base.after or b"", "shop/basket.py": b""},
    )

    marked = [(s.path, s.treatment) for s in plan.coverage if s.treatment != "guarded"]
    assert marked == [
        ("shop/base.py", "kept"),
        ("shop/base.py", "dormant"),
        ("shop/basket.py", "dormant"),
    ]


def test_a_new_method_that_a_class_elsewhere_may_inherit_beside_another_is_refused() -> None:
    mixed = b"from shop.basket import Basket\n\n\nclass Big(Other, Basket):\n    pass\n"

    with pytest.raises(CannotWrap, match="a class in shop/big"):
        with_base(BASE, heir(NEW_METHOD), big=mixed)


def test_bases_are_followed_through_files_that_only_import_them() -> None:
    again = b"from shop.more import Page\n"

    plan = with_base(again, heir(NEW_METHOD), more=BASE)

    assert "dormant" in [s.treatment for s in plan.coverage]


def test_a_base_that_had_the_method_before_this_change_counts() -> None:
    had = modified("shop/base.py", BASE.replace(b"show", b"total"), BASE)
    file = heir(NEW_METHOD)
    modules = {"shop/__init__.py": b"", "shop/base.py": BASE, "shop/basket.py": file.after or b""}

    with pytest.raises(CannotWrap):
        wrap_change(
            change(file, had), flag="new-tax", convention=CONVENTION, policy=POLICY, modules=modules
        )
