"""How a repository asks for flags is found by majority; checks are told by name and sound."""

import pytest

from flagwright.core.wrapping.conventions import find_convention, flag_checks
from flagwright.core.wrapping.policy import WrappingPolicy

POLICY = WrappingPolicy(tests=("tests/*",))


def test_the_most_frequent_way_wins_and_tests_do_not_count() -> None:
    files = {
        "app/a.py": b"from flags import client\nif client.is_enabled('one'): pass\n",
        "app/b.py": b"from flags import client\nx = client.is_enabled('two')\n",
        "app/c.py": b"import waffle\nif waffle.switch_is_active('three'): pass\n",
        "tests/test_a.py": b"from fake import flag\nflag.is_enabled('a'); flag.is_enabled('b')\n"
        * 9,
    }

    found = find_convention(files, POLICY)

    assert found is not None
    assert found.import_line == "from flags import client"
    assert found.check == 'client.is_enabled("{flag}")'
    assert found.source == "app/a.py:2"


@pytest.mark.parametrize(
    ("source", "import_line", "check"),
    [
        (
            "from UnleashClient import UnleashClient\nunleash = UnleashClient('u', 'a')\n"
            "def f():\n    return unleash.is_enabled('x.y')\n",
            "from app.views import unleash",
            'unleash.is_enabled("{flag}")',
        ),
        (
            "from openfeature import api\nclient = api.get_client()\n"
            "def f():\n    if client.get_boolean_value('new-tax', False): pass\n",
            "from app.views import client",
            'client.get_boolean_value("{flag}", False)',
        ),
        (
            "from ..core.features import feature_enabled\n"
            "def f():\n    return feature_enabled('new-tax')\n",
            "from core.features import feature_enabled",
            'feature_enabled("{flag}")',
        ),
        (
            "from .features import is_on as on\ndef f():\n    if on('new-tax'): pass\n",
            "from app.features import is_on as on",
            'on("{flag}")',
        ),
        (
            "from settings import FLAGS\ndef f():\n    if FLAGS['new-tax']: pass\n",
            "from settings import FLAGS",
            'FLAGS["{flag}"]',
        ),
        (
            "from flags import client\nasync def f():\n"
            "    return await client.get_boolean_value_async('a-b', False)\n",
            "from flags import client",
            'await client.get_boolean_value_async("{flag}", False)',
        ),
    ],
)
def test_the_ways_of_known_clients_are_found(source: str, import_line: str, check: str) -> None:
    files = {"app/views.py": source.encode(), "app/__init__.py": b""}

    found = find_convention(files, POLICY)

    assert found is not None
    assert (found.import_line, found.check) == (import_line, check)


def test_a_check_that_needs_a_name_of_its_function_is_no_convention() -> None:
    files = {"a.py": b"import waffle\ndef f(request):\n    waffle.flag_is_active(request, 'x')\n"}

    assert find_convention(files, POLICY) is None


def test_the_policy_wins_over_what_the_repository_does() -> None:
    policy = WrappingPolicy(import_line="from team import flag", check='flag("{flag}")')

    found = find_convention({"a.py": b"from f import c\nc.is_enabled('x')\n"}, policy)

    assert found is not None
    assert (found.check, found.source) == ('flag("{flag}")', "policy")


def test_the_lines_that_a_check_governs_are_those_of_its_statement() -> None:
    source = (
        "def f():\n"
        "    if client.is_enabled('a.b'):\n"
        "        x = 1\n"
        "    else:\n"
        "        x = 2\n"
        "    on = client.is_enabled('c.d')\n"
        "    if not on:\n"
        "        x = 3\n"
    )

    governed = {(c.name, c.line, c.end_line) for c in flag_checks(source)}

    assert ("a.b", 2, 5) in governed
    assert ("c.d", 7, 8) in governed


@pytest.mark.parametrize(
    "source",
    ["client.create_flag('x')", "log.info('flag')", "def (:", "x = 'client.is_enabled'", b"\x00"],
)
def test_what_only_looks_like_a_check_is_none(source: str | bytes) -> None:
    assert flag_checks(source) == ()


def test_a_check_in_the_words_of_the_policy_counts_whatever_it_sounds_like() -> None:
    policy = WrappingPolicy(check='ld("{flag}")')

    assert [c.name for c in flag_checks("if ld('new-tax'): pass", policy)][:1] == ["new-tax"]
