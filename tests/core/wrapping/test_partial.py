"""A change that only a part of can be put behind a flag: refused in full, or planned in part."""

from collections.abc import Mapping

import pytest

from flagwright import project
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.wrapped import Wrapped
from flagwright.errors import CannotWrap

FLAG = "new-tax"
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
BEFORE = """import os

RATE = float(os.environ["RATE"])


class Basket:
    \"\"\"What somebody buys.\"\"\"

    name = Char(10)

    def total(self):
        # every row
        return sum(self.rows)


def pay(amount):
    return amount + RATE
"""
AFTER = """import os
from limits import short

RATE = float(os.environ["TAX_RATE"])


class Basket:
    \"\"\"What somebody buys.\"\"\"

    name = Char(20, check=short(3))

    def total(self):
        # every row
        return sum(self.rows) * 2


def pay(amount):
    return amount * RATE
"""
IN_PART = BEFORE.replace('"RATE"', '"TAX_RATE"').replace("Char(10)", "Char(20, check=short(3))")


def modified(path: str, before: str, after: str) -> FileChange:
    return FileChange(path=path, kind="modified", before=before.encode(), after=after.encode())


def wrapped(*files: FileChange, allow: bool = True, modules: Mapping[str, bytes] = {}) -> Wrapped:
    change = Change(base="diff", head="diff", files=files, digest="0" * 64)
    policy = WrappingPolicy(allow_partial=allow, documents=("*.md",), tests=("tests/*",))
    return wrap_change(change, flag=FLAG, convention=CONVENTION, policy=policy, modules=modules)


def test_what_can_be_switched_is_and_the_rest_is_new_on_both_sides() -> None:
    plan = wrapped(modified("shop.py", BEFORE, AFTER))

    (file,) = plan.files
    assert file.text is not None
    assert project(file.text, flag=FLAG, on=True) == AFTER.encode()
    off = project(file.text, flag=FLAG, on=False).decode()
    assert off.replace("from limits import short\n", "") == IN_PART
    left = [s for s in plan.coverage if s.treatment == "not-controllable"]
    assert [(s.line, (s.because or "").partition(":")[0]) for s in left] == [
        (4, "import-time"),
        (10, "class-body"),
    ]
    assert [s.treatment for s in plan.coverage].count("guarded") == 2
    assert [p.apart_from for p in plan.proof] == [2]


def test_what_is_gone_is_refused_where_it_stood() -> None:
    old = "from shop import Page\n\n\nclass Box(Page):\n    least = 1\n    most = 2\n\n"
    old += "    def f(self):\n        return 1\n"
    new = old.replace("    most = 2\n", "").replace("return 1", "return 2")

    with pytest.raises(CannotWrap) as caught:
        wrapped(modified("shop/box.py", old, new), allow=False)

    assert caught.value.line == 5
    assert "`most`" in caught.value.because


def test_a_team_that_does_not_allow_it_gets_every_place_at_once() -> None:
    with pytest.raises(CannotWrap) as caught:
        wrapped(modified("shop.py", BEFORE, AFTER), allow=False)

    assert (caught.value.line, caught.value.category) == (4, "import-time")
    assert "shop.py:10 (class-body" in caught.value.fact
    assert "allow_partial" in caught.value.next_step


def test_places_of_several_files_are_named_together() -> None:
    other = modified("other.py", "class A(M):\n    x = 1\n", "class A(M):\n    x = 2\n")

    with pytest.raises(CannotWrap) as caught:
        wrapped(modified("shop.py", BEFORE, AFTER), other, allow=False)

    assert "other.py:2 (class-body" in caught.value.fact


def test_a_file_of_which_nothing_can_be_switched_is_listed_as_a_whole() -> None:
    other = modified("other.py", "class A(M):\n    x = 1\n", "class A(M):\n    x = 2\n")

    plan = wrapped(modified("shop.py", BEFORE, AFTER), other)

    assert [f.path for f in plan.files] == ["shop.py"]
    assert [s.treatment for s in plan.coverage if s.path == "other.py"] == ["not-controllable"]


def test_what_a_plan_has_left_is_no_plan_of_its_own_once_that_is_applied() -> None:
    (file,) = wrapped(modified("shop.py", BEFORE, AFTER)).files
    assert file.text is not None

    with pytest.raises(CannotWrap, match=r"import-time.*Nor can shop.py:10 .class-body"):
        wrapped(modified("shop.py", BEFORE, file.text.decode()))


def test_a_part_that_another_file_runs_at_import_is_named_by_its_file() -> None:
    change = modified("shop.py", BEFORE, AFTER)
    other = b"import shop\n\nTOTAL = shop.pay(1)\n"

    with pytest.raises(CannotWrap, match=r"^shop.py:\d+ .*while start.py is imported"):
        wrapped(change, modules={"shop.py": AFTER.encode(), "start.py": other})


def test_a_plan_that_would_switch_nothing_is_refused() -> None:
    with pytest.raises(CannotWrap, match="class-body"):
        wrapped(modified("a.py", "class A(M):\n    x = 1\n", "class A(M):\n    x = 2\n"))


OLD_CALL = "def rate(x, y=0):\n    return x\n\n\ndef pay(a):\n    return rate(a)\n"
NEW_CALL = "def rate(y, x):\n    return x\n\n\ndef pay(a):\n    return rate(0, a)\n"


def test_old_code_never_calls_a_signature_that_is_new_on_both_sides() -> None:
    with pytest.raises(CannotWrap, match="signature"):
        wrapped(modified("shop.py", OLD_CALL, NEW_CALL))


def test_neither_does_old_code_in_another_file() -> None:
    rates = modified(
        "rates.py",
        "def rate(x):\n    return x\n\n\ndef low():\n    return 1\n",
        "async def rate(x):\n    return x\n\n\ndef low():\n    return 2\n",
    )
    callers = "from rates import rate\n\n\ndef pay(a):\n    return {}\n"
    shop = modified("shop.py", callers.format("rate(a)"), callers.format("asyncio.run(rate(a))"))

    with pytest.raises(CannotWrap) as caught:
        wrapped(rates, shop)

    assert (caught.value.path, caught.value.category) == ("shop.py", "name-clash")


def test_a_helper_that_only_shipped_code_uses_is_shipped_with_it() -> None:
    helper = "def limit(x):\n    return x\n\n\n"
    before = BEFORE.replace("import os\n", "")
    before = before.replace('float(os.environ["RATE"])', "1")
    after = before.replace("class Basket", helper + "class Basket")
    after = after.replace("Char(10)", "Char(limit(20))").replace("amount + RATE", "amount * RATE")

    plan = wrapped(modified("shop.py", before, after))

    left = [s.because for s in plan.coverage if s.treatment == "not-controllable"]
    assert any("`limit` is used by code that is not behind the flag" in str(b) for b in left)


def test_a_change_that_is_in_the_way_everywhere_is_refused_before_all_of_it_is_tried() -> None:
    files = [
        modified(f"m{i}.py", "class A(M):\n    x = 1\n", "class A(M):\n    x = 2\n")
        for i in range(12)
    ]

    with pytest.raises(CannotWrap) as caught:
        wrapped(modified("shop.py", BEFORE, AFTER), *files)

    assert "m5.py:2" in caught.value.fact
    assert "; 2 more." in caught.value.fact


def test_a_file_with_very_many_changed_parts_is_refused_as_a_whole() -> None:
    methods = "".join(f"\n    def m{i}(self):\n        return 1\n" for i in range(50))
    before = "class A(M):\n    x = 1\n" + methods

    with pytest.raises(CannotWrap, match="class-body"):
        wrapped(modified("a.py", before, before.replace("1\n", "2\n")))


def test_a_part_that_python_cannot_compile_alone_is_a_refusal() -> None:
    head = '"""What it {word}."""\n\nfrom __future__ import annotations\n'
    before = head.format(word="was") + "\nimport os\n\nCACHE = made()\n"

    with pytest.raises(CannotWrap) as caught:
        wrapped(modified("shop.py", before, head.format(word="is")), allow=False)

    assert caught.value.category == "import-time"
