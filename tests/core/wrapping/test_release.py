"""What only tells the release, or builds it, is listed as not controllable and stops no plan."""

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
FLAG = "new-tax"
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
CODE = "\n\ndef total(net):\n    return net * {rate}\n"
SETUP = 'from setuptools import setup\n\nsetup(name="shop", version="{}")\n'


def plan(
    path: str, before: str, after: str, policy: WrappingPolicy = POLICY, others: str = ""
) -> Wrapped:
    file = FileChange(path=path, kind="modified", before=before.encode(), after=after.encode())
    modules = {"shop/app.py": others.encode()} if others else {}
    return wrap_change(
        Change(base="diff", head="diff", files=(file,), digest="0" * 64),
        flag=FLAG,
        convention=CONVENTION,
        policy=policy,
        modules={path: after.encode(), **modules},
    )


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("shop/__init__.py", '__version__ = "{}"\n'),
        ("shop/__about__.py", '__version__: str = "{}"\n'),
        ("shop/_version.py", 'version_info = (1, 3, "{}")\n'),
        ("shop/version.py", "VERSION = '{}'  # of the package\n"),
        ("shop/__init__.py", '__version__ = (\n    "{}"\n)\n'),
        ("shop/consts.py", 'VERSION = "{}"\n'),
        ("shop/__init__.py", '__version__ = "{}"\nX = (__version__,)\ndel __version__\n'),
    ],
)
def test_a_new_number_is_listed_where_nothing_else_of_the_file_changes(
    path: str, line: str
) -> None:
    before, after = (line.format(number) + CODE for number in ("1.3", "1.4.1"))

    wrapped = plan(path, before, after)

    assert not wrapped.files
    (listed,) = (s for s in wrapped.coverage if s.treatment != "neutral")
    assert (listed.treatment, listed.line) == ("not-controllable", 1)


def test_a_count_is_listed_beside_a_new_number() -> None:
    before = f'version_info = (1, 3, "final")\n_dev = 0\n{CODE}'
    after = f'version_info = (1, 4, "alpha")\n_dev = 1\n{CODE}'

    wrapped = plan("shop/version.py", before, after)

    assert not wrapped.files
    listed = [s for s in wrapped.coverage if s.treatment == "not-controllable"]
    assert [s.line for s in listed] == [1, 2]


@pytest.mark.parametrize(
    ("name", "days"),
    [("__date__", ("2026-01-31", "2026-11-01")), ("__releasedate__", ("20260131", "20261101"))],
)
def test_the_day_of_a_release_is_listed_as_its_number_is(name: str, days: tuple[str, str]) -> None:
    before = f'__version__ = "1.3"\n{name} = "{days[0]}"\n{CODE}'
    after = f'__version__ = "1.4"\n{name} = "{days[1]}"\n{CODE}'

    wrapped = plan("shop/__init__.py", before, after)

    assert not wrapped.files
    listed = [s for s in wrapped.coverage if s.treatment == "not-controllable"]
    assert [s.line for s in listed] == [1, 2]


def test_beside_a_new_number_no_code_is_wrapped_that_would_not_come_back_whole() -> None:
    before = f'__version__ = "1.3"\n{CODE}'
    after = f'__version__ = "1.4"\n{CODE.replace("{rate}", "3")}'

    with pytest.raises(CannotWrap) as refusal:
        plan("shop/__init__.py", before, after)

    assert (refusal.value.category, refusal.value.line) == ("import-time", 1)


def test_a_new_number_alone_needs_no_edit() -> None:
    wrapped = plan("shop/__init__.py", '__version__ = "1.9"\n', '__version__ = "2.0"\n')

    assert not wrapped.files
    assert [s.treatment for s in wrapped.coverage if s.treatment != "neutral"] == [
        "not-controllable"
    ]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("shop/api.py", 'VERSION = "1.0"\n', 'VERSION = "2.0"\n'),
        ("shop/__init__.py", '__version__ = read("1.0")\n', '__version__ = read("2.0")\n'),
        ("shop/__init__.py", '__version__ = "1.0"\n', '__version__ = read("2.0")\n'),
        (
            "shop/__init__.py",
            '__version__ = "1.0"; LIMIT = 1\n',
            '__version__ = "2.0"; LIMIT = 1\n',
        ),
        ("shop/__init__.py", '__version__ = "1.0"\n' * 2, '__version__ = "2.0"\n' * 2),
        (
            "shop/__init__.py",
            'if X:\n    __version__ = "1.0"\n',
            'if X:\n    __version__ = "2.0"\n',
        ),
        ("shop/__init__.py", "VERSION = 1\n", "VERSION = 2\n"),
        ("shop/version.py", "_dev = 0\n", "_dev = 1\n"),
        ("shop/version.py", 'VERSION = "1.3"\nLIMIT = 1\n', 'VERSION = "1.4"\nLIMIT = 2\n'),
        ("shop/__init__.py", 'VERSION = "one"\n', 'VERSION = "two"\n'),
        ("shop/__init__.py", "VERSION = (1, x)\n", "VERSION = (2, x)\n"),
        ("shop/__init__.py", "", '__version__ = read("1")\n'),
        ("shop/__init__.py", '__date__ = "2026-01"\n', '__date__ = "2026-02"\n'),
        ("shop/__init__.py", '__date__ = "2026-0131"\n', '__date__ = "2026-0201"\n'),
        ("shop/__init__.py", '__date__ = "10101010"\n', '__date__ = "10101011"\n'),
        ("shop/__init__.py", 'DAY = "2026-01-31"\n', 'DAY = "2026-02-01"\n'),
        (
            "shop/__init__.py",
            '__version__ = "1.0"\ndel __version__\n',
            '__version__ = "2.0"\n',
        ),
    ],
)
def test_what_may_be_more_than_a_number_is_refused(path: str, before: str, after: str) -> None:
    with pytest.raises(CannotWrap):
        plan(path, f"X = 1\n{before}", f"X = 1\n{after}", others=f"from {path[:-3]} import X\n")


def test_a_team_that_names_none_has_every_number_refused() -> None:
    strict = POLICY.model_copy(update={"release_names": ()})
    user = "from shop.version import __version__\n"

    with pytest.raises(CannotWrap):
        plan("shop/version.py", '__version__ = "1.0"\n', '__version__ = "2.0"\n', strict, user)


def test_what_builds_the_package_is_listed() -> None:
    wrapped = plan("setup.py", SETUP.format(1), SETUP.format(2), others="import setuptools\n")

    assert not wrapped.files
    assert [s.because for s in wrapped.coverage] == [
        "it builds the package, and nothing imports it"
    ]


@pytest.mark.parametrize("line", ["from .setup import name\n", "from shop import setup\n"])
def test_a_file_of_that_name_which_others_import_is_code(line: str) -> None:
    with pytest.raises(CannotWrap):
        plan("shop/setup.py", SETUP.format(1), SETUP.format(2), others=line)
