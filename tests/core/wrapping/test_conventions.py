"""How a repository asks for flags is found by majority; checks are told by name and sound."""

import tomllib
from pathlib import Path

import pytest

import flagwright
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.checks import flag_checks
from flagwright.core.wrapping.conventions import find_conventions
from flagwright.core.wrapping.given import for_whom, given_convention, require_question
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import BadRequest, CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies/wrapping.toml").read_text())
)
UNLEASH = "from UnleashClient import UnleashClient\nclient = UnleashClient('u', 'a')\n"


WRAPPERS = """
import ldclient
from typing import Any


class _Features:
    def __init__(self) -> None:
        self._client: Any = None

    def on(self, name):
        self._client = self._client or ldclient.get()
        return self._client is not None and self._client.variation(name, {}, False)


_features = _Features()


def is_on(name, user=None):
    return _features.on(name)


def feature_enabled(name):
    answer = is_on(name)
    return answer
"""


def find_convention(files: dict[str, bytes], policy: WrappingPolicy = POLICY) -> Convention | None:
    return find_conventions(files, policy).general


def test_the_most_frequent_way_wins_and_tests_do_not_count() -> None:
    files = {
        "flags.py": UNLEASH.encode(),
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
            "from statsig.statsig import check_gate\n"
            "def f(user):\n    return check_gate(user, 'new-tax')\n",
            "from statsig.statsig import check_gate",
            'check_gate({context}, "{flag}")',
        ),
        (
            "from openfeature import api\ndef f():\n    ours = api.get_client('shop')\n"
            "    if ours.get_boolean_value('new-tax', False): pass\n",
            "from openfeature import api",
            """api.get_client('shop').get_boolean_value("{flag}", False)""",
        ),
        (
            "from openfeature import api\nclient = api.get_client()\ndef f(user):\n"
            "    return client.get_boolean_value('new-tax', False, Context(user.id))\n",
            "from app.views import client",
            'client.get_boolean_value("{flag}", False)',
        ),
        (
            "from openfeature import api\ndef is_on(feature):\n"
            "    return api.get_client().get_boolean_value(feature.value, False)\n"
            "def f():\n    return is_on(Feature.TAX)\n",
            "from openfeature import api",
            'api.get_client().get_boolean_value("{flag}", False)',
        ),
        (
            "from UnleashClient import UnleashClient\nclient: UnleashClient | None = None\n"
            "def start():\n    global client\n    client = UnleashClient('u', 'a')\n"
            "from app import views\ndef f():\n    return views.client.is_enabled('new-tax')\n",
            "from app import views",
            'views.client.is_enabled("{flag}")',
        ),
        (
            "from app.flags import client\nasync def f():\n"
            "    return await client.get_boolean_value_async('a-b', False)\n",
            "from app.flags import client",
            'await client.get_boolean_value_async("{flag}", False)',
        ),
    ],
)
def test_the_ways_of_known_clients_are_found(source: str, import_line: str, check: str) -> None:
    files = {
        "app/views.py": source.encode(),
        "app/__init__.py": b"",
        "app/flags.py": b"from openfeature import api\nclient = api.get_client()\n",
        "app/features.py": WRAPPERS.encode(),
        "core/features.py": WRAPPERS.encode(),
    }

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
            f"{UNLEASH}def f(user):\n    return client.is_enabled('x.y', {{'userId': user.id}})\n",
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


FLAGS = f"""{UNLEASH}
def feature_of_shop(name):
    return client.is_enabled(f"shop.{{name}}")


def is_banner_enabled(user):
    return client.is_enabled("banner", user)


def feature_required(name):
    def decorate(function):
        return lambda: client.is_enabled(name) and function()

    return decorate


def feature_state(name):
    return {{"on": client.is_enabled(name)}}
"""


@pytest.mark.parametrize(
    "asked",
    [
        "settings.FEATURES['greeting']",
        "settings.FEATURES.get('greeting', False)",
        "feature_of_shop('new-tax')",
        "is_banner_enabled('alice')",
        "feature_required('new-tax')",
        "feature_state('new-tax')",
        "client.get_boolean_details('new-tax', False)",
        "self.flags.is_enabled('new-tax')",
        "is_enabled('acme', 'new-tax')",
    ],
)
def test_what_is_not_shown_to_ask_a_client_is_never_the_way_and_is_told(
    asked: str,
) -> None:
    source = (
        "from django.conf import settings\nfrom flags import *\nfrom shop.models import Warehouse\n"
        "from UnleashClient import UnleashClient\n\n\nclass Shop:\n"
        f"    def __init__(self):\n        self.flags = UnleashClient('u', 'a')\n\n"
        f"    def f(self):\n        return {asked}\n"
    )
    tenants = "def is_enabled(tenant, name):\n    return client.is_enabled(name)\n"
    files = {"flags.py": f"{FLAGS}\n\n{tenants}".encode(), "a.py": source.encode()}

    general, _, doubts = find_conventions(files, POLICY)
    alone = find_conventions({**files, "flags.py": b""}, POLICY)

    assert general is not None
    assert general.check.startswith('client.is_enabled("{flag}"')  # as the wrappers ask
    assert (alone.general, doubts) == (None, ())
    assert [(doubt.place, doubt.asked) for doubt in alone.doubts] == [("a.py:12", asked)]


def test_a_check_for_what_a_call_computes_is_no_convention() -> None:
    files = {"a.py": b"import waffle\ndef f(r):\n    waffle.flag_is_active(r.copy(), 'x')\n"}

    assert find_convention(files, POLICY) is None


def test_what_only_says_is_or_has_is_a_doubt_only_where_it_comes_from_flags() -> None:
    asked = "from {0} import has\nif has('spider'): pass  # enabled\n"
    unknown, likely = (
        find_conventions({"a.py": asked.format(module).encode()}, POLICY)
        for module in ("app.arguments", "app.flags")
    )

    assert (unknown.general, unknown.doubts) == (None, ())
    assert (likely.general, [doubt.asked for doubt in likely.doubts]) == (None, ["has('spider')"])


@pytest.mark.parametrize(
    "code",
    [
        "response.flags.append('cached')",
        "meta_present_on_backend['status']",
        "plugins.on_startup(command='build')",
        "as_optional_bool(response, 'is_write')",
        "Warehouse.objects.active().values_list('id', flat=True)",
    ],
)
def test_what_is_no_question_is_not_told_as_one(code: str) -> None:
    found = find_conventions({"a.py": f"def f(response):\n    {code}\n".encode()}, POLICY)

    assert (found.general, found.doubts) == (None, ())


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


@pytest.mark.parametrize(
    ("import_line", "check", "because"),
    [
        ("from a import b", 'b("{flag}"', "no expression"),
        ("from a import b", 'x = b("{flag}")', "no expression"),
        ("from a import b", 'not b("{flag}")', "more than ask"),
        ("from a import b", 'b("{flag}") or True', "more than ask"),
        ("from a import b", 'b("{flag}", True)', "nobody knows"),
        ("from a import b", 'b("{flag}", fallback=lambda *_: True)', "nobody knows"),
        ("form a import b", 'b("{flag}")', "not one import"),
        ("import a; print(1)", 'a.b("{flag}")', "not one import"),
    ],
)
def test_what_is_more_than_an_import_and_a_question_is_told(
    import_line: str, check: str, because: str
) -> None:
    given = Convention(import_line=import_line, check=check)

    with pytest.raises(BadRequest, match=because):
        require_question(given)
    with pytest.raises(CannotWrap, match="convention"):
        flagwright.wrap(
            "def f():\n    return 1\n",
            "def f():\n    return 2\n",
            flag="a.b",
            convention={"import": import_line, "check": check},
        )


@pytest.mark.parametrize("check", ['b["{flag}"]', 'b("{flag}")', 'await b("{flag}", False)'])
def test_a_question_is_one_call_or_one_look_up(check: str) -> None:
    assert require_question(Convention(import_line="", check=check)).check == check


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
        "shop/flags.py": UNLEASH.encode(),
        "billing/toggles.py": UNLEASH.replace("client", "toggles").encode(),
        "shop/a.py": asking.format("shop.flags", "client").encode(),
        "shop/b.py": asking.format("shop.flags", "client").encode(),
        "billing/old/c.py": asking.format("billing.toggles", "toggles").encode(),
        "billing/new.py": b"",
        "billing/tests/test_c.py": asking.format("shop.flags", "client").encode(),
        "other/d.py": b"",
    }

    general, near, _ = find_conventions(
        files, POLICY, ["billing/new.py", "shop/a.py", "other/d.py"]
    )

    assert general is not None
    assert general.import_line == "from shop.flags import client"
    assert list(near) == ["billing/new.py"]
    assert near["billing/new.py"].import_line == "from billing.toggles import toggles"
    assert near["billing/new.py"].source == "billing/old/c.py:5"


def test_the_way_of_the_policy_is_that_of_every_package() -> None:
    policy = WrappingPolicy(import_line="from f import c", check='c.on("{flag}")')

    general, near, _ = find_conventions({"a/b.py": b""}, policy, ["a/b.py"])

    assert general is not None
    assert (general.source, near) == ("policy", {})


@pytest.mark.parametrize(
    ("source", "check"),
    [
        (
            "from UnleashClient import UnleashClient\n\nclient = UnleashClient('u', 'a')\n",
            'client.is_enabled("{flag}")',
        ),
        (
            "from openfeature import api\n\nclient: Client = api.get_client()\n",
            'client.get_boolean_value("{flag}", False)',
        ),
        ("from UnleashClient import UnleashClient\n\nlimit = int('4')\n", None),
        (
            "from UnleashClient import UnleashClient\n\n\n"
            "def start():\n    client = UnleashClient('u', 'a')\n    return client\n",
            None,
        ),
        (
            "from UnleashClient import UnleashClient\n\nclient = UnleashClient('u', 'a')\n"
            "client = wrapped(client)\n",
            None,
        ),
    ],
)
def test_a_client_that_nothing_asks_yet_is_asked(source: str, check: str | None) -> None:
    files = {"app/__init__.py": b"", "app/flags.py": source.encode(), "app/a.py": b"x = 1\n"}

    found = find_convention(files, POLICY)

    assert (found and found.check) == check
    assert found is None or found.import_line == "from app.flags import client"


YES = """from openfeature import api
client = api.get_client()


def is_cached():
    return client.get_boolean_value("operational.cache", True)
"""
YES_WRAPPER = """from openfeature import api


def is_on(name, default=True):
    return api.get_client().get_boolean_value(name, default)


def is_cached():
    return is_on("operational.cache")
"""
YES_FALLBACK = """from UnleashClient import UnleashClient
client = UnleashClient("u", "a")


def is_cached():
    return client.is_enabled("operational.cache", fallback_function=lambda name, who: True)
"""


def test_a_new_flag_is_off_where_the_checks_of_others_are_on() -> None:
    found = find_conventions({"shop.py": YES.encode()}, POLICY).general
    assert found is not None
    assert found.check == 'client.get_boolean_value("{flag}", False)'


def test_a_client_that_is_only_asked_with_a_fallback_is_asked_without() -> None:
    found = find_conventions({"shop.py": YES_FALLBACK.encode()}, POLICY).general
    assert found is not None
    assert found.check == 'client.is_enabled("{flag}")'


def test_what_says_yes_to_an_unknown_flag_is_no_way_to_ask() -> None:
    found = find_conventions({"shop.py": YES_WRAPPER.encode()}, POLICY)
    assert found.general is None
    assert [doubt.place for doubt in found.doubts] == ["shop.py:9"]


@pytest.mark.parametrize(
    ("body", "is_way"),
    [
        ("    return client.is_enabled(name)\n", True),
        ("    if name in LOCAL:\n        return True\n    return client.is_enabled(name)\n", True),
        ("    if name == 'old':\n        return True\n    return client.is_enabled(name)\n", True),
        (
            "    if name not in ALL:\n        raise KeyError\n    return client.is_enabled(name)\n",
            False,
        ),
        ("    if name in ALL:\n        return client.is_enabled(name)\n    return False\n", False),
        ("    return name in ALL and client.is_enabled(name)\n", False),
        ("    return client.is_enabled(name) if name in ALL else False\n", False),
        ("    assert name in ALL\n    return client.is_enabled(name)\n", False),
    ],
)
def test_what_asks_only_for_flags_of_a_list_is_no_way_to_ask_for_a_new_one(
    body: str, *, is_way: bool
) -> None:
    wrapper = f"{UNLEASH}ALL = {{'dark'}}\nLOCAL = set()\n\n\ndef on(name):\n{body}"
    user = "from shop.flags import on\n\n\ndef f():\n    return on('dark')\n"
    files = {"shop/flags.py": wrapper.encode(), "shop/a.py": user.encode(), "shop/__init__.py": b""}

    found = find_convention(files)

    assert found is not None
    assert found.check == ('on("{flag}")' if is_way else 'client.is_enabled("{flag}")')
