"""How a repository asks for flags is found by majority; checks are told by name and sound."""

import pytest

from flagwright.core.wrapping.checks import flag_checks
from flagwright.core.wrapping.conventions import find_convention, find_conventions
from flagwright.core.wrapping.given import for_whom, given_convention
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import BadRequest

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


@pytest.mark.parametrize(
    ("source", "check", "context"),
    [
        (
            "import waffle\ndef f(request):\n    waffle.flag_is_active(request, 'x.y')\n",
            'waffle.flag_is_active({context}, "{flag}")',
            "request",
        ),
        (
            "from flags.state import flag_enabled\n"
            "def f(request):\n    return flag_enabled('x.y', request=request)\n",
            'flag_enabled("{flag}", request={context})',
            "request",
        ),
        (
            "from flags import client\n"
            "def f(user):\n    return client.is_enabled('x.y', {'userId': user.id})\n",
            'client.is_enabled("{flag}", {context})',
            "{'userId': user.id}",
        ),
    ],
)
def test_for_whom_a_check_is_asked_is_told_apart(source: str, check: str, context: str) -> None:
    found = find_convention({"a.py": source.encode()}, POLICY)

    assert found is not None
    assert (found.check, found.context) == (check, context)
    assert found.context in found.asking("new-tax")


def test_a_check_for_what_a_call_computes_is_no_convention() -> None:
    files = {"a.py": b"import waffle\ndef f(r):\n    waffle.flag_is_active(r.copy(), 'x')\n"}

    assert find_convention(files, POLICY) is None


def test_what_only_says_is_or_has_is_no_convention_unless_it_comes_from_flags() -> None:
    asked = "from {0} import has\nif has('spider'): pass  # enabled\n"

    assert find_convention({"a.py": asked.format("app.arguments").encode()}, POLICY) is None
    assert find_convention({"a.py": asked.format("app.flags").encode()}, POLICY)


def test_a_call_may_say_how_to_ask_and_for_whom() -> None:
    given = given_convention('from flags import on; on("{flag}", user={context})')

    asked = for_whom(given, "request.user")

    assert asked.import_line == "from flags import on"
    assert asked.asking("new-tax") == 'on("new-tax", user=request.user)'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "client.is_enabled",
        "import os; print(1); c.is_enabled('{flag}')",
        "x = 1; c.is_enabled('{flag}')",
        "from a import b; import c; b.is_enabled('{flag}')",
        "from a import b; b.is_enabled('{flag}'",
        "b.is_enabled('{flag}'",
    ],
)
def test_what_is_no_import_and_question_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        given_convention(text)


@pytest.mark.parametrize("context", ["os.system('x')", "x := 1", "lambda: 0", "a if b else c", "("])
def test_a_context_names_somebody_and_does_nothing(context: str) -> None:
    with pytest.raises(BadRequest):
        for_whom(given_convention('from flags import on; on("{flag}", {context})'), context)


def test_a_context_that_nobody_asks_for_and_one_that_is_missing_are_told() -> None:
    with pytest.raises(BadRequest, match="not asked for somebody"):
        for_whom(given_convention('from flags import on; on("{flag}")'), "request")
    with pytest.raises(BadRequest, match="told for whom"):
        for_whom(given_convention('from flags import on; on("{flag}", {context})'), "")


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
    [
        "client.create_flag('x')",
        "env.bool('DEBUG')",
        "os.environ.get_bool('DEBUG')",
        "log.info('flag')",
        "def (:",
        "x = 'client.is_enabled'",
        b"\x00",
    ],
)
def test_what_only_looks_like_a_check_is_none(source: str | bytes) -> None:
    assert flag_checks(source) == ()


def test_a_check_in_the_words_of_the_policy_counts_whatever_it_sounds_like() -> None:
    policy = WrappingPolicy(check='ld("{flag}")')

    assert [c.name for c in flag_checks("if ld('new-tax'): pass", policy)][:1] == ["new-tax"]


def test_the_nearest_package_that_asks_decides_for_its_files() -> None:
    asking = "from {0} import {1}\n\n\ndef f():\n    return {1}.is_enabled('new-tax')\n"
    files = {
        "shop/a.py": asking.format("shop.flags", "client").encode(),
        "shop/b.py": asking.format("shop.flags", "client").encode(),
        "billing/old/c.py": asking.format("billing.toggles", "toggles").encode(),
        "billing/new.py": b"",
        "billing/tests/test_c.py": asking.format("shop.flags", "client").encode(),
        "other/d.py": b"",
    }

    general, near = find_conventions(files, POLICY, ["billing/new.py", "shop/a.py", "other/d.py"])

    assert general is not None
    assert general.import_line == "from shop.flags import client"
    assert list(near) == ["billing/new.py"]
    assert near["billing/new.py"].import_line == "from billing.toggles import toggles"
    assert near["billing/new.py"].source == "billing/old/c.py:5"


def test_the_way_of_the_policy_is_that_of_every_package() -> None:
    policy = WrappingPolicy(import_line="from f import c", check='c.on("{flag}")')

    general, near = find_conventions({"a/b.py": b""}, policy, ["a/b.py"])

    assert general is not None
    assert (general.source, near) == ("policy", {})
