"""Checks that people wrote by hand: what folds goes, what does not is listed, all is proved."""

import ast
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.proof.answered import difference
from flagwright.core.wrapping.retire import retire_files
from flagwright.core.wrapping.sound import mention_of

FLAG = "shop.new-tax"
CASES = sorted((Path(__file__).parents[2] / "cases" / "retiring").glob("*.py"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
@pytest.mark.parametrize("keep", ["on", "off"])
def test_a_check_written_by_hand_goes_or_is_listed(
    case: Path, keep: str, snapshot: SnapshotAssertion
) -> None:
    before = case.read_bytes()

    found = retire_files({"shop/page.py": before}, flag=FLAG, on=keep == "on")

    text = found.files[0].text if found.files else before
    assert text is not None
    now, then = before.decode().split("\n"), text.decode().split("\n")
    named = [
        s for s in found.coverage if s.treatment == "left" and "for good" not in str(s.because)
    ]
    listed = [now[s.line - 1].strip() for s in named]
    assert [line.strip() for line in then if f'{FLAG}"' in line] == [
        line for line in listed if f'{FLAG}"' in line
    ]
    again = retire_files({"shop/page.py": text}, flag=FLAG, on=keep == "on")
    assert again.files == ()
    comments = [f"# {s.line} {s.treatment}: {s.because}\n" for s in found.coverage]
    assert "".join(comments) + text.decode() == snapshot


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if c.is_enabled('a.b'):\n    x = 1\nelse:\n    x = 2\n", "x = 2\n"),
        (
            "def f():\n    if c.is_enabled('a.b'):\n        return 1\n    return 2\n",
            "def f():\n    return 2\n",
        ),
        ("def f(n):\n    return n and c.is_enabled('a.b')\n", "def f(n):\n    return True\n"),
        ("import a\nif c.is_enabled('a.b'):\n    a.x()\n", "a.x()\n"),
        ("def f():\n    on = c.is_enabled('a.b')\n    return on\n", "def f():\n    return on\n"),
        ("assert not c.is_enabled('a.b')\n", ""),
        ("x = 1 if c.is_enabled('a.b') else 2\n", "x = True\n"),
        ("def f():\n    log('a.b')\n", "def f():\n    True\n"),
    ],
)
def test_what_does_not_follow_from_the_answer_is_not_proved(before: str, after: str) -> None:
    ast.parse(after)

    assert difference(before, after, "a.b", on=True)


def test_what_only_its_truth_counts_for_may_lose_an_answer_that_decides_nothing() -> None:
    before = "def f(n):\n    if n > 1 and c.is_enabled('a.b'):\n        return 1\n"
    after = "def f(n):\n    if n > 1:\n        return 1\n"

    assert difference(before, after, "a.b", on=True) is None


NAMES = b"class Flags:\n    NEW_TAX = 'shop.new-tax'\n    OTHER = 'shop.other'\n"
USER = (
    b"from shop.names import Flags\n\n\n"
    b"def f():\n    if client.is_enabled(Flags.NEW_TAX):\n        return 1\n    return 2\n"
)


def test_a_name_of_the_flag_goes_with_its_last_use_in_another_file() -> None:
    files = {"shop/names.py": NAMES, "shop/page.py": USER}

    found = retire_files(files, flag=FLAG, on=True)

    assert {file.path: file.text for file in found.files} == {
        "shop/names.py": b"class Flags:\n    OTHER = 'shop.other'\n",
        "shop/page.py": b"def f():\n    return 1\n",
    }
    (gone,) = found.coverage
    assert (gone.path, gone.line, gone.treatment) == ("shop/names.py", 2, "gone")
    assert "`Flags.NEW_TAX` goes" in str(gone.because)


def test_a_public_name_that_nothing_here_used_before_stays_for_code_that_is_not_here() -> None:
    asks = b"def {}():\n    return client.is_enabled('shop.new-tax')\n\n\n"
    files = {
        "shop/api.py": b"".join(asks.replace(b"{}", name) for name in (b"open", b"_own", b"told")),
        "shop/page.py": b"from shop.api import told\n\n\ndef f():\n    return told() and 1\n",
    }

    found = retire_files(files, flag=FLAG, on=True)

    assert {file.path: file.text for file in found.files} == {
        "shop/api.py": b"def open():\n    return True\n\n\n",
        "shop/page.py": b"def f():\n    return 1\n",
    }
    assert [(s.line, s.treatment) for s in found.coverage if s.path == "shop/api.py"] == [
        (2, "left"),
        (9, "gone"),
    ]


def test_what_is_left_is_told_where_it_stands_now_and_with_what_to_do() -> None:
    use = b"if client.is_enabled('shop.new-tax'):\n    x()\nelse:\n    y()\n"
    files = {
        "shop/names.py": NAMES + b"NAME = 'shop.new-tax'\n",
        "shop/page.py": b"from shop.names import Flags\n\n" + use + b"\n\n@behind(Flags.NEW_TAX)\n"
        b'def page():\n    """Only\n    with shop.new-tax."""\n\n\nTABLE = {"shop.new-tax": 1}\n',
    }

    found = retire_files(files, flag=FLAG, on=True)

    assert [(f"{s.path}:{s.line}", s.because) for s in found.coverage] == [
        (
            "shop/names.py:2",
            "`NEW_TAX` names it, and shop/page.py still uses that: mend that first",
        ),
        (
            "shop/names.py:4",
            "`NAME` names it, and no Python file here uses that: delete it by hand",
        ),
        ("shop/page.py:9", "a decorator takes it: take that off, or delete `page`"),
        ("shop/page.py:12", "a comment or a text names it: reword it"),
        ("shop/page.py:15", "a collection has it as an entry: take that out"),
    ]


def test_an_answer_that_stays_as_a_value_is_told() -> None:
    before = (
        b"class Cart:\n    def __init__(self, n):\n"
        b"        self._new = client.is_enabled('shop.new-tax')\n"
        b"        if n > 1 and client.is_enabled('shop.new-tax'):\n            n += 1\n\n"
        b"    @property\n    def new(self):\n"
        b"        return not client.is_enabled('shop.new-tax')\n\n\n"
        b"def f():\n    on = client.is_enabled('shop.new-tax')\n"
        b"    return True, g(1, new=on), [on]\n"
    )

    found = retire_files({"a.py": before}, flag=FLAG, on=True)

    assert [(s.line, str(s.because).partition(":")[0]) for s in found.coverage] == [
        (3, "`self._new` is True for good"),
        (9, "`new` gives False for good"),
        (14, "`new` is True for good"),
    ]


def test_a_file_that_holds_nothing_but_the_name_stays() -> None:
    files = {"shop/names.py": b"NEW_TAX = 'shop.new-tax'\n"}

    found = retire_files(files, flag=FLAG, on=True)

    assert found.files == ()
    assert [(s.path, s.line) for s in found.coverage] == [("shop/names.py", 1)]


def test_a_name_of_the_flag_that_somebody_uses_in_another_way_stays_and_is_listed() -> None:
    files = {
        "shop/names.py": NAMES,
        "shop/page.py": USER,
        "shop/admin.py": b"from shop.names import Flags\nSHOWN = [Flags.NEW_TAX]\n",
    }

    found = retire_files(files, flag=FLAG, on=True)

    assert [file.path for file in found.files] == ["shop/page.py"]
    assert [(s.path, s.line) for s in found.coverage] == [
        ("shop/admin.py", 2),
        ("shop/names.py", 2),
    ]


KIND = b"def f(n):\n    if {}:\n        return [n]\n    else:\n        yield n\n"
SCOPE = b"x = 1\n\n\ndef f():\n    if not {}:\n        x = 2\n    return x\n"
INNER = (
    b"def f():\n    x = 1\n\n    def g():\n"
    b"        if not {}:\n            x = 2\n        return x\n    return g\n"
)


@pytest.mark.parametrize(
    ("source", "why"),
    [(KIND, "another kind"), (SCOPE, "`x` would be"), (INNER, "`x` would be")],
    ids=["kind", "scope", "closure"],
)
def test_a_function_that_would_become_another_stays_and_is_listed(source: bytes, why: str) -> None:
    before = source.replace(b"{}", b"client.is_enabled('shop.new-tax')")

    found = retire_files({"a.py": before}, flag=FLAG, on=True)

    assert found.files == ()
    (place,) = found.coverage
    assert before.split(b"\n")[place.line - 1].count(b"shop.new-tax") == 1
    assert why in str(place.because)


def test_a_name_that_a_file_needs_which_stays_as_it_is_is_not_dropped() -> None:
    uses = KIND.replace(b"{}", b"client.is_enabled(Flags.NEW_TAX)")
    files = {"shop/names.py": NAMES, "shop/page.py": b"from shop.names import Flags\n\n\n" + uses}

    found = retire_files(files, flag=FLAG, on=True)

    assert found.files == ()
    assert [(s.path, s.line) for s in found.coverage] == [
        ("shop/names.py", 2),
        ("shop/page.py", 4),
        ("shop/page.py", 5),
    ]


def test_a_file_that_cannot_be_read_is_listed_and_the_others_lose_the_flag() -> None:
    files = {
        "a.py": b"def (:\n 'shop.new-tax'\n",
        "b.py": b"x = 1 if c.is_enabled('shop.new-tax') else 2\n",
    }

    found = retire_files(files, flag=FLAG, on=True)

    assert [(file.path, file.text) for file in found.files] == [("b.py", b"x = 1\n")]
    assert [(s.path, s.line) for s in found.coverage] == [("a.py", 2)]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (b"shop.new-tax", True),
        (b"# the flag shop.new-tax.", True),
        (b"{shop.new-tax}", True),
        (b"  shop.new-tax: true", True),
        (b"shop.new-tax:eu", False),
        (b"shop.new-tax-2", False),
        (b"shop.new-tax.eu", False),
        (b"big-shop.new-tax", False),
        (b"my.shop.new-tax", False),
    ],
)
def test_a_flag_is_told_from_one_whose_name_it_begins_or_ends(line: bytes, *, names: bool) -> None:
    assert bool(mention_of(FLAG).search(line)) is names


PRICING = (
    b"from flags import client\nfrom rules import old\n\n\n"
    b"def f():\n    if client.is_enabled('shop.new-tax'):\n        return 5\n    return old()\n"
)


@pytest.mark.parametrize(
    "user",
    [
        b"from shop.pricing import f, old\n",
        b"from .pricing import *\n\nx = old()\n",
        b"import shop.pricing\n\nx = shop.pricing.old()\n",
        b"from shop import pricing as p\n\nx = p.old()\n",
        b"patch('shop.pricing.old')\n",
    ],
)
def test_an_import_that_another_file_takes_from_here_stays(user: bytes) -> None:
    files = {"shop/pricing.py": PRICING, "shop/page.py": user}

    found = retire_files(files, flag=FLAG, on=True)

    assert [file.text for file in found.files] == [
        b"from rules import old\n\n\ndef f():\n    return 5\n"
    ]


def test_a_file_whose_definition_another_file_still_needs_stays_as_it_is() -> None:
    kept = b"# flag shop.new-tax: off\ndef old():\n    return 1\n\n\nX = 1\n"
    files = {"shop/rules.py": kept, "shop/page.py": b"from shop.rules import old\n"}

    found = retire_files(files, flag=FLAG, on=True)

    assert found.files == ()
    (place,) = found.coverage
    assert (place.path, place.line) == ("shop/rules.py", 1)
    assert "shop/page.py uses `old` of it" in str(place.because)


def test_a_file_that_stays_counts_as_a_user_of_what_the_others_lose() -> None:
    files = {
        "shop/rates.py": b"# flag shop.new-tax: on\ndef rate():\n    return 2\n\n\nX = 1\n",
        "shop/rules.py": b"from shop.rates import X, rate\n\n\n# flag shop.new-tax: on\n"
        b"def new():\n    return rate()\n\n\nY = X\n",
        "shop/page.py": b"from shop.rules import new\n",
        "shop/user.py": PRICING.replace(b"rules", b"shop.rules").replace(b"old", b"new"),
    }

    found = retire_files(files, flag=FLAG, on=False)

    assert [file.path for file in found.files] == ["shop/user.py"]
    assert [(s.path, s.line) for s in found.coverage] == [
        ("shop/rates.py", 1),
        ("shop/rules.py", 4),
    ]
    assert "shop/rules.py uses `rate` of it" in str(found.coverage[0].because)


def test_a_whole_file_that_another_one_still_imports_stays() -> None:
    files = {
        "shop/rules.py": b"# flag shop.new-tax: off (file)\nX = 1\n",
        "shop/page.py": b"import shop.rules\n",
        "shop/other.py": b"rules = 1\n",
    }

    assert retire_files(files, flag=FLAG, on=True).files == ()
    del files["shop/page.py"]
    assert [f.text for f in retire_files(files, flag=FLAG, on=True).files] == [None]


def test_an_import_that_may_mean_two_files_names_no_flag() -> None:
    files = {
        "names.py": b"FLAG = 'shop.other'\n",
        "shop/names.py": b"FLAG = 'shop.new-tax'\n",
        "page.py": b"from names import FLAG\n\nx = 1 if client.is_enabled(FLAG) else 2\n",
    }

    found = retire_files(files, flag=FLAG, on=True)

    assert found.files == ()


def test_a_local_whose_name_stands_in_other_words_is_found_in_its_function_alone() -> None:
    before = (
        b"class Table:\n    def t(self): return 1\n\n\n"
        b"def f():\n    t = client.is_enabled('shop.new-tax')\n    return t\n"
    )

    (file,) = retire_files({"a.py": before}, flag=FLAG, on=True).files

    assert file.text == before[: before.index(b"    t = ")] + b"    return True\n"


def test_a_test_of_which_nothing_is_left_is_told() -> None:
    """It would stay green, and check nothing."""
    before = (
        b"class TestPrice:\n    def test_old(self):\n"
        b"        if not client.is_enabled('shop.new-tax'):\n            assert f() == 1\n\n"
        b"    def test_new(self):\n"
        b"        if client.is_enabled('shop.new-tax'):\n            assert f() == 2\n\n"
        b"    def setup(self):\n        pass\n"
    )

    found = retire_files({"test_price.py": before}, flag=FLAG, on=True)

    assert [(s.line, s.because) for s in found.coverage] == [
        (2, "nothing is left of `TestPrice.test_old`: see whether it may go")
    ]


KINDS = b"""\
from os import sep
from shop import client


def raising(x):
    if not client.is_enabled("shop.new-tax"):
        raise RuntimeError(sep)
    yield x


class Box:
    def names(self):
        if client.is_enabled("shop.new-tax"):
            y = 1
        else:
            y = z = 2
        try:
            return y + z
        except NameError:
            return 0

    def plain(self):
        return 4 if client.is_enabled("shop.new-tax") else 5
"""


@pytest.mark.parametrize(
    ("on", "stays"),
    [
        (True, (13, "`Box.names` stays as it is: `z` would be found in another place")),
        (False, (6, "`raising` stays as it is: `raising` would become another kind of function")),
    ],
)
def test_a_function_that_cannot_do_without_the_flag_stays_and_its_neighbours_go(
    on: bool, stays: tuple[int, str]
) -> None:
    found = retire_files({"a.py": KINDS}, flag=FLAG, on=on)

    (left,) = found.coverage
    assert (left.line, left.treatment) == (stays[0], "left")
    assert (left.because or "").startswith(stays[1])
    text = (found.files[0].text or b"").decode()
    assert text.count("is_enabled") == 1
    assert f"        return {4 if on else 5}\n" in text
    assert ("from os import sep" in text) == (not on)
    again = retire_files({"a.py": text.encode()}, flag=FLAG, on=on)
    assert again.files == ()


def test_a_call_that_only_told_for_whom_goes_with_the_question_and_is_named() -> None:
    line = b"    if client.is_enabled('shop.new-tax', user()):\n"
    text = b"def f():\n    user()\n" + line + b"        return 1\n    return 2\n"

    found = retire_files({"shop.py": text}, flag=FLAG, on=True)

    assert [(s.line, s.treatment) for s in found.coverage] == [(3, "gone")]
    assert "`user()` was called only to ask" in str(found.coverage[0].because)


ORPHANS = {
    "shop/page.py": b"""\
from shop.ways import old_way, other

OLD_LIMIT = 3
NEW_LIMIT = 4
KEPT = 5


def _old(x):
    return x


@register
def hook(x):
    return x


def _tested(x):
    return x


class Page:
    def _gone(self):
        return 1

    def go(self):
        if client.is_enabled("shop.new-tax"):
            return other()
        return self._gone() + old_way() + hook(1) + _tested(2)


def page(x):
    rate = 1
    both = 2
    if client.is_enabled("shop.new-tax"):
        return x + NEW_LIMIT + both
    else:
        return _old(x) + OLD_LIMIT + rate + both


def looks(x):
    rate = 1
    if client.is_enabled("shop.new-tax"):
        return str(locals())
    return rate
""",
    "shop/ways.py": b"""\
def old_way():
    pass


def other():
    pass


def never():
    pass
""",
    "tests/test_page.py": b"from shop.page import _tested\n",
}


def test_what_only_the_removed_side_used_is_named_with_its_place() -> None:
    found = retire_files(ORPHANS, flag=FLAG, on=True)

    told = [(s.path, s.line, str(s.because).split("`")[1]) for s in found.coverage]
    assert told == [
        ("shop/page.py", 3, "OLD_LIMIT"),
        ("shop/page.py", 8, "_old"),
        ("shop/page.py", 22, "_gone"),
        ("shop/page.py", 32, "rate"),
        ("shop/ways.py", 1, "old_way"),
    ]
    assert [file.path for file in found.files] == ["shop/page.py"]


PARENTHESES = [
    ("if (a or b) and not ASK:\n    x()\n", "if a or b:\n    x()\n"),
    ("if not (ASK or a):\n    x()\n", "if not a:\n    x()\n"),
    ("if not(ASK or a):\n    x()\n", "if not(a):\n    x()\n"),
    ("if not (ASK or (a and b)):\n    x()\n", "if not (a and b):\n    x()\n"),
    ("if(ASK or a):\n    x()\n", "if(a):\n    x()\n"),
    ("while (a and b) and not ASK:\n    x()\n", "while a and b:\n    x()\n"),
    ('y = f\'{("new" if ASK else "old")!r}\'\n', "y = f'{\"old\"!r}'\n"),
    ("y = (1 if ASK else 2).real\n", "y = (2).real\n"),
    ("y = -(1 if ASK else 2) ** 2\n", "y = -2 ** 2\n"),
    ("y = (1 if ASK else -2) ** 2\n", "y = (-2) ** 2\n"),
    ("y = (1 if ASK else a, b)\n", "y = (a, b)\n"),
    ("y = (1 if ASK else (a, b))\n", "y = (a, b)\n"),
    ("print(*([1] if ASK else [2]), **({} if ASK else {1: 2}))\n", "print(*[2], **{1: 2})\n"),
    ("y = [i for i in (a if ASK else b) if (ASK or i)]\n", "y = [i for i in b if i]\n"),
    ("y = c if (ASK or b) else d\n", "y = c if b else d\n"),
    ("y = (\n    1  # one\n    if ASK\n    else a  # two\n)\n", "y = (\n    a  # two\n)\n"),
    ("y = x[(1 if ASK else a)]\n", "y = x[a]\n"),
]


@pytest.mark.parametrize(("before", "after"), PARENTHESES)
def test_parentheses_that_only_the_check_needed_go_with_it(before: str, after: str) -> None:
    text = f"def f(a, b, c, d, x):\n{indented(before)}".replace(
        "ASK", f'client.is_enabled("{FLAG}")'
    )

    (file,) = retire_files({"a.py": text.encode()}, flag=FLAG, on=False).files

    assert file.text == f"def f(a, b, c, d, x):\n{indented(after)}".encode()


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


RULES = f"""\
# flag {FLAG}: on
LIMIT = 5


# flag {FLAG}: on
def rate():
    return LIMIT
"""


TESTED = WrappingPolicy(tests=("tests/**",))


def test_a_test_of_what_goes_does_not_hold_it_and_is_listed_once() -> None:
    tests = "from shop.rules import LIMIT, rate\n\n\ndef test_rate():\n    assert rate() == LIMIT\n"
    files = {
        "shop/rules.py": RULES.encode() + b"\n\nOTHER = 1\n",
        "tests/test_rules.py": tests.encode(),
    }

    off, on = (retire_files(files, flag=FLAG, on=side, policy=TESTED) for side in (False, True))

    assert [(file.path, file.text) for file in off.files] == [("shop/rules.py", b"OTHER = 1\n")]
    (place,) = [s for s in off.coverage if s.treatment == "left"]
    assert (place.path, place.line) == ("tests/test_rules.py", 1)
    assert "uses `LIMIT` of shop/rules.py, which goes" in str(place.because)
    assert [s for s in on.coverage if s.treatment == "left"] == []


def test_code_and_other_tests_still_hold_what_they_use() -> None:
    page = b"from shop.rules import rate\n\n\ndef page():\n    return rate()\n"
    helper = f"from flags import client\n\n# flag {FLAG}: on\nimport json\n".encode()
    uses = b"from tests.helper import json\n"
    files = {
        "shop/rules.py": RULES.encode(),
        "shop/page.py": page,
        "tests/helper.py": helper,
        "tests/test_a.py": uses,
    }

    found = retire_files(files, flag=FLAG, on=False, policy=TESTED)

    told = {s.path: str(s.because) for s in found.coverage if s.treatment == "left"}
    assert "shop/rules.py" not in [file.path for file in found.files]
    assert "shop/page.py uses `rate` of it" in told["shop/rules.py"]
    assert "tests/test_a.py uses `json` of it" in told["tests/helper.py"]


@pytest.mark.parametrize("said", ["(see the wiki)", "(wiki)", "(a, b) until May"])
@pytest.mark.parametrize(("on", "value"), [(True, 6), (False, 5)])
def test_a_mark_that_says_more_by_then_is_a_comment_like_others(
    said: str, value: int, *, on: bool
) -> None:
    before = (
        f"from shop.flags import client\n\n# flag {FLAG}: off {said}\n_N_off = 5\n"
        f"# flag {FLAG}: on {said}\n_N = 6\n\n\ndef f():\n"
        f'    if client.is_enabled("{FLAG}"):\n        return _N\n    return _N_off\n'
    )

    (file,) = retire_files({"shop/page.py": before.encode()}, flag=FLAG, on=on).files

    assert file.text is not None
    names: dict[str, object] = {}
    exec(file.text, names)  # it defines two constants and a function
    assert eval("f()", names) == value


TASKS = b"""\
import waffle
from flags import client
from waffle import switch_is_active


def classify(x):
    return 1 if waffle.switch_is_active("shop.new-tax") else 2


def sort(x):
    return 1 if switch_is_active("shop.new-tax") else 2


def rate(x):
    return 1 if client.is_enabled("shop.new-tax") else 2
"""
PATCHING = b"""\
from unittest.mock import patch

from shop import tasks


@patch("shop.tasks.waffle.switch_is_active", return_value=True)
def test_a(_):
    assert tasks.classify(1) == 1


@patch("shop.tasks.waffle")
def test_b(_):
    assert tasks.classify(1)


def test_c(monkeypatch):
    monkeypatch.setattr(tasks, "switch_is_active", lambda name: True)
    assert tasks.sort(1) == 1


def test_d():
    with patch.object(tasks.client, "is_enabled", return_value=True):
        assert tasks.rate(1) == 1


def test_e(monkeypatch):
    monkeypatch.setattr("shop.tasks.client.is_enabled", lambda name: True)
    assert tasks.rate(1) == 1
"""


def test_each_name_that_a_test_patches_and_that_goes_is_listed_with_its_lines() -> None:
    policy = WrappingPolicy(tests=("tests/*",), known_checks=("waffle.switch_is_active",))
    files = {"shop/tasks.py": TASKS, "tests/test_tasks.py": PATCHING}

    found = retire_files(files, flag=FLAG, on=True, policy=policy)

    assert found.files[0].text is not None
    assert b"import" not in found.files[0].text
    told = {s.line: str(s.because) for s in found.coverage if s.path == "tests/test_tasks.py"}
    assert {line: because.split("`")[1] for line, because in told.items()} == {
        6: "waffle",
        17: "switch_is_active",
        22: "client",
    }
    assert told[6].endswith("which goes: take this back with it (also line 11)")
    assert told[22].endswith("(also line 27)")


def test_a_test_sets_the_flag_as_long_as_a_file_that_cannot_be_read_may_ask() -> None:
    policy = WrappingPolicy(tests=("tests/*",), known_checks=("waffle.switch_is_active",))
    setting = b"""\
from waffle.testutils import override_switch


@override_switch("shop.new-tax", active=True)
def test_a():
    assert classify(1) == 1
"""
    files = {
        "shop/tasks.py": b"import waffle\n\nif waffle.switch_is_active('shop.new-tax') print 1\n",
        "tests/test_tasks.py": setting,
    }

    found = retire_files(files, flag=FLAG, on=True, policy=policy)

    assert found.files == ()
    assert {s.path for s in found.coverage} == {*files}


def test_a_file_that_cannot_be_read_and_names_the_flag_in_another_way_is_listed() -> None:
    files = {
        "shop/flags.py": b"class Flags:\n    NEW_TAX = 'shop.new-tax'\n    OTHER = 'other'\n",
        "shop/page.py": b"from shop.flags import Flags\n\n\ndef page():\n"
        b"    if client.is_enabled(Flags.NEW_TAX):\n        return 1\n    return 2\n",
        "shop/load.py": b"from shop.flags import Flags\n\ntry:\n    load()\n"
        b"except ValueError, KeyError:\n    pass\nif client.is_enabled(Flags.NEW_TAX):\n    go()\n",
    }

    found = retire_files(files, flag=FLAG, on=True)

    (place,) = [s for s in found.coverage if s.path == "shop/load.py"]
    assert (place.line, place.treatment) == (7, "left")
    assert "it is no valid Python" in str(place.because)
    assert "shop/flags.py" not in [file.path for file in found.files]


def test_an_import_in_a_function_that_only_the_removed_side_used_is_named() -> None:
    text = (
        b"def page(x):\n    from shop.old import old_rate\n    import json\n\n"
        b"    if client.is_enabled('shop.new-tax'):\n        return json.dumps(x)\n"
        b"    return old_rate(x)\n"
    )

    found = retire_files({"shop/page.py": text}, flag=FLAG, on=True)

    assert [(s.line, s.because) for s in found.coverage] == [
        (2, "nothing reads `old_rate` any more: delete it")
    ]


def test_a_name_of_the_flag_that_a_function_imports_is_known() -> None:
    imported = "    from shop.flags import Flags\n\n"
    ask = "    if client.is_enabled(Flags.NEW_TAX):\n        return 1\n    return 2\n"
    other = "    from shop.other import Flags\n\n"
    files = {
        "shop/flags.py": b"class Flags:\n    NEW_TAX = 'shop.new-tax'\n    OTHER = 'o'\n",
        "shop/one.py": f"def f():\n{imported}{ask}".encode(),
        "shop/two.py": f"def f():\n{imported}{ask}\n\ndef g():\n{imported}{ask}".encode(),
        "shop/others.py": f"def f():\n{imported}{ask}\n\ndef g():\n{other}{ask}".encode(),
        "shop/maybe.py": f"def f(Flags=None):\n{imported}{ask}".encode(),
    }

    found = retire_files(files, flag=FLAG, on=True)

    assert [file.path for file in found.files] == ["shop/one.py", "shop/two.py"]
    assert all(b"is_enabled" not in (file.text or b"") for file in found.files)


@pytest.mark.parametrize(
    "code",
    [
        '@schema({403: Answer("needs the shop.new-tax flag")})\ndef page():\n    return 1\n',
        'log("shop.new-tax is on")\n',
        'def page(x):\n    return x == "the shop.new-tax flag"\n',
    ],
)
def test_a_text_that_speaks_of_the_flag_is_to_be_reworded(code: str) -> None:
    found = retire_files({"shop/page.py": code.encode()}, flag=FLAG, on=True)

    (place,) = found.coverage
    assert place.because == "a comment or a text names it: reword it"


def test_a_setting_that_is_called_so_is_told_as_what_it_is() -> None:
    files = {
        "shop/page.py": b"def page():\n    if config().DOWN:\n        return 'down'\n"
        b"    return settings.DOWN\n\n\n# DOWN is over.\n",
        "shop/settings.py": b"DOWN = False\n",
        "shop/other.py": b"def other(x):\n    return x.SLOW_DOWN\n",
    }

    found = retire_files(files, flag="DOWN", on=True)

    told = [
        (f"{place.path}:{place.line}", (place.because or "").partition(":")[0])
        for place in found.coverage
    ]
    read = "a name or an attribute is called so"
    assert told == [
        ("shop/page.py:2", read),
        ("shop/page.py:4", read),
        ("shop/page.py:7", "a comment or a text names it"),
        ("shop/settings.py:1", "a name or an attribute is set that is called so"),
    ]


def test_a_test_that_expects_a_text_with_the_name_may_expect_the_side_that_goes() -> None:
    test = b'def test_page():\n    assert page() == {"detail": "Requires the flag new_tax."}\n'

    found = retire_files({"tests/test_page.py": test}, flag="new_tax", on=True)

    assert [place.because for place in found.coverage] == [
        "a test expects a text that names it: see whether that goes with its side"
    ]


def test_what_a_call_gives_that_gets_the_name_is_followed_to_where_it_is_used() -> None:
    """As edx-toggles and home-made flags do it: an object for each flag."""
    files = {
        "shop/toggles.py": b'SLUGS = Switch("course.slugs")\nother = Switch("course.b")\n',
        "shop/page.py": b"from shop.toggles import SLUGS\n\n\ndef page():\n"
        b"    return SLUGS.is_enabled()\n",
        "shop/list.py": b"other = 1\n",
    }

    (place,) = retire_files(files, flag="course.slugs", on=True).coverage
    (alone,) = retire_files(files, flag="course.b", on=True).coverage

    assert (place.because or "").endswith("; `SLUGS` is what that gives, and used in shop/page.py")
    assert "what that gives" not in (alone.because or "")
