"""Attributes of classes that have the value of either version at each read, across files."""

import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

import flagwright
from benchmarks.independent import problems
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.behind import Behind, behind
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.project import project
from flagwright.core.wrapping.proof.fold import fold
from flagwright.core.wrapping.retire import retire_files
from flagwright.core.wrapping.tree import parsed
from flagwright.core.wrapping.wrapped import Wrapped
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CHECK = 'client.is_enabled("{flag}")'
CONVENTION = Convention(import_line="from shop.flags import client", check=CHECK)
TOLD = POLICY.model_copy(update={"import_line": CONVENTION.import_line, "check": CHECK})
FLAG = "shop.new-tax"
RATES = '''\
"""Rates."""


class Rates:
    """All of them."""

    # what a country takes
    rates = {
        "de": 19,  # as ever
        "fr": 20,
    }
    most: int = 25

    def rate(self, country):
        return self.rates[country]


class Low(Rates):
    rates = {"de": 7}
'''
NEW_RATES = (
    RATES.replace('"de": 19,  # as ever', '"de": 21,  # since May')
    .replace("most: int = 25", "most: int = 27")
    .replace('{"de": 7}', '{\n        "de": 9,\n    }')
)
FLAGS = """\
import sys


class Client:
    on = sys.argv[1:] == ["on"]

    def is_enabled(self, name):
        assert ready, "asked at import"
        return self.on


ready = False
client = Client()
"""
OTHERS = {"shop/__init__.py": "", "shop/flags.py": FLAGS}
MAIN = """\
from shop import flags, more
from shop.rates import Low, Rates

flags.ready = True
print(more.Own().rate("de"), Low().rate("de"), Rates.rates["fr"], Rates.most, more.most())
"""
MORE = """\
from shop.rates import Rates


class Own(Rates):
    pass


def most():
    return Own.most
"""


def plan(
    before: str = RATES, after: str = NEW_RATES, convention: Convention = CONVENTION, **others: str
) -> Wrapped:
    """The plan for one file beside others."""
    files = {**OTHERS, **{f"shop/{name}.py": text for name, text in others.items()}}
    change = FileChange(
        path="shop/rates.py", kind="modified", before=before.encode(), after=after.encode()
    )
    return wrap_change(
        Change(base="diff", head="diff", files=(change,), digest="0" * 64),
        flag=FLAG,
        convention=convention,
        policy=POLICY,
        modules={p: t.encode() for p, t in {**files, "shop/rates.py": after}.items()},
    )


def text_of(wrapped: Wrapped) -> str:
    (file,) = wrapped.files
    return (file.text or b"").decode()


def output(folder: Path, rates: str, *answers: str) -> str:
    files: Mapping[str, str] = {**OTHERS, "shop/rates.py": rates, "shop/more.py": MORE}
    for path, text in {**files, "main.py": MAIN}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    command = [sys.executable, "-B", "main.py", *answers]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_each_read_of_whoever_it_is_gets_the_value_of_the_flag(tmp_path: Path) -> None:
    wrapped = text_of(plan(more=MORE))

    assert output(tmp_path, wrapped, "off") == output(tmp_path, RATES) == "19 7 20 25 25\n"
    assert output(tmp_path, wrapped, "on") == output(tmp_path, NEW_RATES) == "21 9 20 27 27\n"


def test_the_plan_says_what_is_guarded_and_that_each_read_asks() -> None:
    wrapped = plan()

    assert [s.treatment for s in wrapped.coverage].count("guarded") == 6
    assert any("`Rates.rates`, `Rates.most`, `Low.rates`" in note for note in wrapped.notes)
    assert problems(RATES, NEW_RATES, text_of(wrapped), FLAG, CHECK.format(flag=FLAG)) == []


@pytest.mark.parametrize(("on", "version"), [(False, RATES), (True, NEW_RATES)])
def test_taking_the_flag_out_gives_either_file_back(on: bool, version: str) -> None:
    wrapped = text_of(plan())

    retired = retire_files({"shop/rates.py": wrapped.encode()}, flag=FLAG, on=on)

    assert project(wrapped, flag=FLAG, on=on) == version
    assert [file.text for file in retired.files] == [version.encode()]


def test_it_is_behind_the_flag_and_wrapping_it_again_changes_nothing() -> None:
    wrapped = text_of(plan())
    files = {p: t.encode() for p, t in {**OTHERS, "shop/rates.py": wrapped}.items()}
    change = FileChange(
        path="shop/rates.py", kind="modified", before=RATES.encode(), after=wrapped.encode()
    )

    found = behind(
        Change(base="diff", head="diff", files=(change,), digest="0" * 64),
        policy=TOLD,
        modules=files,
    )

    assert found == Behind(FLAG)
    assert plan(after=wrapped).files == ()


def test_a_second_flag_switches_another_attribute_and_each_goes_alone() -> None:
    before = text_of(plan())
    after = before.replace("def rate(", "limit = 3\n\n    def rate(")
    second = after.replace("limit = 3", "limit = 4")
    convention = {"import": CONVENTION.import_line, "check": CHECK}

    wrapped = flagwright.wrap(after, second, flag="shop.limits", convention=convention)

    assert project(wrapped, flag="shop.limits", on=False) == after
    assert project(wrapped, flag="shop.limits", on=True) == second
    left = str(project(wrapped, flag=FLAG, on=True))
    assert project(left, flag="shop.limits", on=True) == NEW_RATES.replace(
        "def rate(", "limit = 4\n\n    def rate("
    )


@pytest.mark.parametrize(
    ("other", "category"),
    [
        ("from shop.rates import Rates\n\nMOST = Rates.most\n", "import-time"),
        ("from shop.rates import Rates\n\nmost = getattr(Rates, 'most')\n", "import-time"),
        ("from shop.rates import Low\n\nLOW = Low().rate('de')\n", "import-time"),
        ("from shop.rates import Rates\n\n\ndef f(most=Rates.most):\n    ...\n", "import-time"),
        ("from shop.rates import Rates\n\n\ndef f():\n    Rates.most = 3\n", "class-body"),
        ("def f(kind):\n    kind.rates['de'] = 3\n", "class-body"),
        ("def f(kind):\n    kind.rates.update(de=3)\n", "class-body"),
        ("def f(kind):\n    del kind.most\n", "class-body"),
        ("def f(kind):\n    return kind.__dict__['most']\n", "class-body"),
        ("import inspect\n\nf = inspect.getattr_static\nmost = 'most'\n", "class-body"),
        ("from shop.rates import Low\n\n\ndef f():\n    return vars(Low)\n", "class-body"),
        (
            "from shop.rates import Low\n\n\nclass Kind(type):\n    pass\n\n\n"
            "class Own(Low, metaclass=Kind):\n    pass\n",
            "class-body",
        ),
        (
            "from dataclasses import dataclass\nfrom shop.rates import Rates as R\n\n\n"
            "@dataclass\nclass Own(R):\n    most: int\n",
            "class-body",
        ),
        (
            "from shop.rates import Low\nfrom models import M\n\n\nclass Own(Low, M): ...\n",
            "class-body",
        ),
    ],
)
def test_what_another_file_does_with_it_is_in_the_way(other: str, category: str) -> None:
    with pytest.raises(CannotWrap) as refusal:
        plan(other=other)

    assert refusal.value.category == category


BASE = """\
KINDS = {{}}


class Base:
    def __init_subclass__(cls, **more):
        super().__init_subclass__(**more)
        {line}
"""


@pytest.mark.parametrize(
    ("line", "is_wrapped"),
    [
        ("KINDS[cls.name] = cls", True),
        ("KINDS[cls.__name__] = cls", True),
        ("KINDS.setdefault('a', []).append(cls)", True),
        ("KINDS[cls.most] = cls", False),
        ("KINDS[getattr(cls, 'most')] = cls", False),
        ("KINDS.update(cls.__dict__)", False),
        ("KINDS[cls.name] = dict(vars(cls))", False),
        ("register(cls)", False),
        ("other = cls", False),
    ],
)
def test_a_base_of_another_file_that_hears_of_it_may_only_keep_it(
    line: str, is_wrapped: bool
) -> None:
    before = "from shop.base import Base\n\n\nclass Box(Base):\n    name = 'a'\n    most = 1\n"

    def wrapped() -> str:
        found = plan(before, before.replace("= 1", "= 2"), base=BASE.format(line=line))
        return text_of(found)

    if is_wrapped:
        assert "most = _ByNewTax(most_off, most)" in wrapped()
    else:
        with pytest.raises(CannotWrap):
            wrapped()


@pytest.mark.parametrize(
    "convention",
    [
        Convention(
            import_line="from flags import client",
            check='await client.get_boolean_value_async("{flag}", False)',
        ),
        Convention(
            import_line="from flags import on", check='on({context}, "{flag}")', context="request"
        ),
    ],
)
def test_a_flag_that_is_asked_for_somebody_is_not_asked_by_a_read(convention: Convention) -> None:
    with pytest.raises(CannotWrap) as refusal:
        plan(convention=convention)

    assert refusal.value.category == "class-body"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self.on if client", "self.off if client"),
        ("else self.off", "else self.on"),
        ("self.off, self.on = off, on", "self.off, self.on = on, off"),
        ("_ByNewTax(rates_off, rates)", "_ByNewTax(rates, rates_off)"),
        ("_ByNewTax(most_off, most)", "_ByNewTax(most_off, rates)"),
        ("_ByNewTax(most_off, most)", "_ByNewTax(most_off, most, 1)"),
        ("class _ByNewTax:", "class _ByNewTax(dict):"),
        ("    most = _By", "    most += 1\n    # flag shop.new-tax: both\n    most = _By"),
        ("    def rate(", "    area = most * 2\n\n    def rate("),
        ("    def rate(", "    def rated(self, most=most):\n        ...\n\n    def rate("),
        ("return self.rates[country]", "return self.rates_off[country]"),
        ("return self.rates[country]", "return _ByNewTax(1, 2)"),
        ("    def __init__(self, off, on):", "    x = print()\n\n    def __init__(self, off, on):"),
    ],
)
def test_the_proof_takes_no_other_form(old: str, new: str) -> None:
    wrapped, check = text_of(plan()), CHECK.format(flag=FLAG)
    edited = wrapped.replace(old, new)

    fold(parsed(wrapped), wrapped, FLAG, check, on=True)
    assert edited != wrapped
    assert problems(RATES, NEW_RATES, edited, FLAG, check)
    with pytest.raises(CannotWrap):
        fold(parsed(edited), edited, FLAG, check, on=True)


@pytest.mark.parametrize("on", [False, True])
def test_a_class_right_below_other_code_gets_no_blank_lines(on: bool) -> None:
    before = (
        "import os\n\nBOX = os.sep\nclass Box:\n    size = 1\n    def f(self): return self.size\n"
    )
    after = before.replace("= 1", "= 2")
    files = {"shop/rates.py": text_of(plan(before, after)).encode()}

    retired = retire_files(files, flag=FLAG, on=on)

    assert retired.files[0].text == (after if on else before).encode()


@pytest.mark.parametrize("on", [False, True])
def test_an_old_value_that_somebody_calls_something_else_is_left_and_told(on: bool) -> None:
    before = "class Box:\n    size = 1\n\n    def f(self):\n        return self.size\n"
    text = text_of(plan(before, before.replace("= 1", "= 2"))).replace("size_off", "size_before")

    retired = retire_files({"shop/rates.py": text.encode()}, flag=FLAG, on=on)

    assert retired.files == ()
    assert {place.treatment for place in retired.coverage} == {"left"}
