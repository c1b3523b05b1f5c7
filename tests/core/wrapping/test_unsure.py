"""What reads like a check and may ask for something else stays when a flag is taken out."""

import pytest

from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.module import new_module
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.retire import retire_files

FLAG = "shop.new-tax"
CLIENT = b"""\
from UnleashClient import UnleashClient

client = UnleashClient("http://localhost", "shop")


def allowed(name, user=None):
    return client.is_enabled(name)
"""
POLICY = WrappingPolicy(tests=("tests/**",), known_checks=("UnleashClient.*.is_enabled",))


def page(asked: str, imports: str = "") -> bytes:
    body = f"def page(x):\n    if {asked}:\n        return 1\n    return 2\n"
    more = "\n\ndef more():\n    return 1 if client.is_enabled('shop.new-tax') else 2\n"
    return f"from flags import client\n{imports}\n\n{body}{more}".encode()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ('x.has_perm("shop.new-tax")', "`x.has_perm` may ask for something else"),
        ('is_archived("shop.new-tax")', "`is_archived` may ask for something else"),
        ('settings.FEATURES["shop.new-tax"]', "`settings.FEATURES` looks a value up"),
        ('settings.FEATURES.get("shop.new-tax")', "`settings.FEATURES.get` looks a value up"),
        ('config.bool("shop.new-tax")', "`config.bool` may ask for something else"),
        ('is_flag_archived("shop.new-tax")', "`is_flag_archived` may ask for something else"),
        ('toggle_expired("shop.new-tax")', "`toggle_expired` may ask for something else"),
        ('x.isFlagStale("shop.new-tax")', "`x.isFlagStale` may ask for something else"),
        ('flag_state("shop.new-tax") == "on"', "`flag_state` may ask for something else"),
        ('x.flags.exists("shop.new-tax")', "`x.flags.exists` may ask for something else"),
    ],
)
def test_a_function_with_a_doubtful_question_stays_and_says_why(asked: str, told: str) -> None:
    found = retire_files({"shop.py": page(asked)}, flag=FLAG, on=True, policy=POLICY)

    (file,) = found.files
    assert file.text is not None
    assert page(asked).partition(b"\n\ndef more")[0].partition(b"def")[2] in file.text
    assert b"def more():\n    return 1\n" in file.text
    (place,) = [s for s in found.coverage if s.treatment == "left"]
    assert (place.line, told in str(place.because)) == (5, True)


@pytest.mark.parametrize(
    ("asked", "imports"),
    [
        ('allowed("shop.new-tax")', "from flags import allowed\n"),
        ('allowed("shop.new-tax")', "from shop.toggles import allowed\n"),
        ('x.features.has("shop.new-tax")', ""),
        ('x.owner.feature_on("shop.new-tax")', ""),
        ('FEATURES["shop.new-tax"]', "from shop import FEATURES\n"),
    ],
)
def test_what_leads_to_a_client_or_speaks_of_flags_goes(asked: str, imports: str) -> None:
    files = {"shop.py": page(asked, imports), "flags.py": CLIENT}

    found = retire_files(files, flag=FLAG, on=True, policy=POLICY)

    (file,) = found.files
    assert file.text is not None
    assert b"def page(x):\n    return 1\n" in file.text


def test_a_call_whose_answer_nobody_takes_is_no_check() -> None:
    helper = b"""\
def toggle_switch(name, active):
    switch, _ = Switch.objects.get_or_create(name=name)
    switch.active = active
    switch.save()
"""
    test = b"""\
from shop.testing import toggle_switch


class BasketTests:
    def setUp(self):
        toggle_switch("shop.new-tax", True)
        self.basket = 1
"""
    files = {"shop/testing.py": helper, "tests/test_basket.py": test, "flags.py": CLIENT}

    found = retire_files(files, flag=FLAG, on=True, policy=POLICY)

    assert not found.files
    (place,) = found.coverage
    assert "`toggle_switch` is no check" in str(place.because)
    assert str(place.because).endswith("take that call out")


BROUGHT = b"""\
from shop.flags import is_enabled as _flags_is_enabled


def page(x):
    if _flags_is_enabled("shop.new-tax"):
        print(x)
    return 2
"""


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("known", ["a plan of this machine", "the module as it was brought"])
def test_what_a_plan_brought_goes_by_whatever_name_a_file_has_it(known: str, on: bool) -> None:
    files = {"shop/__init__.py": b"", "shop/page.py": BROUGHT}
    made = new_module(["shop/page.py"], files, "unleash")
    assert made
    way, module = made
    assert module
    text, ways = module.text or b"", [way]
    if known == "a plan of this machine":
        text = text.replace(b"request_timeout=2", b"request_timeout=5")
    else:
        ways = []

    found = retire_files({**files, module.path: text}, flag=FLAG, on=on, policy=POLICY, ways=ways)

    (file,) = found.files
    kept = b"    print(x)\n" if on else b""
    assert file.text == b"def page(x):\n" + kept + b"    return 2\n"
    assert not [s for s in found.coverage if s.treatment == "left"]


def test_a_function_of_another_module_by_that_name_is_none_that_a_plan_brought() -> None:
    other = b"def is_enabled(name, user=None):\n    return client.is_enabled(name) and user.id\n"
    files = {
        "shop/__init__.py": b"",
        "shop/page.py": BROUGHT.replace(b"shop.flags", b"shop.rights"),
        "shop/rights.py": b"from flags import client\n\n\n" + other,
        "flags.py": CLIENT,
    }
    way = Convention(import_line="from shop.flags import is_enabled", check='is_enabled("{flag}")')

    found = retire_files(files, flag=FLAG, on=True, policy=POLICY, ways=[way])

    assert not found.files
    assert "`_flags_is_enabled` says more than a flag" in str(found.coverage[0].because)


def test_the_way_that_the_policy_sets_goes() -> None:
    policy = POLICY.model_copy(update={"check": 'x.has_perm("{flag}")'})

    found = retire_files(
        {"shop.py": page('x.has_perm("shop.new-tax")')}, flag=FLAG, on=True, policy=policy
    )

    (file,) = found.files
    assert file.text is not None
    assert b"has_perm" not in file.text


def test_a_function_that_only_asks_doubtfully_is_no_name_of_the_flag() -> None:
    may = b"def use_tax(x):\n    return is_archived('shop.new-tax')\n"
    asks = b"from may import use_tax\n\n\ndef page():\n    return 1 if use_tax(4) else 2\n"

    found = retire_files({"may.py": may, "page.py": asks}, flag=FLAG, on=True, policy=POLICY)

    assert found.files == ()
    assert [(s.path, s.line) for s in found.coverage] == [("may.py", 2)]


def test_a_doubtful_question_at_the_top_of_a_file_keeps_all_of_it() -> None:
    text = page('client.is_enabled("shop.new-tax")') + b"\nX = is_archived('shop.new-tax')\n"

    found = retire_files({"shop.py": text}, flag=FLAG, on=True, policy=POLICY)

    assert found.files == ()
    assert {s.line for s in found.coverage} == {5, 11, 13}


VIEWS = b"""\
from waffle import flag_is_active
from waffle.decorators import waffle_flag


@waffle_flag("shop.new-tax")
def view(request):
    return 1


def other(request):
    return 1 if flag_is_active(request, "shop.new-tax") else 2
"""
TESTS = b"""\
from waffle.testutils import override_flag

from views import other


def test_other():
    with override_flag("shop.new-tax", active=True):
        assert other(None) == 1
"""


def test_a_test_sets_the_flag_as_long_as_anything_asks() -> None:
    files = {"views.py": VIEWS, "tests/test_views.py": TESTS}

    left = retire_files(files, flag=FLAG, on=True, policy=POLICY)
    files["views.py"] = VIEWS.replace(b'@waffle_flag("shop.new-tax")\n', b"")
    gone = retire_files(files, flag=FLAG, on=True, policy=POLICY)

    assert [file.path for file in left.files] == ["views.py"]
    told = {s.path: str(s.because) for s in left.coverage}
    assert "views.py still asks for it" in told["tests/test_views.py"]
    assert [file.path for file in gone.files] == ["tests/test_views.py", "views.py"]
    assert b"override_flag" not in (gone.files[0].text or b"")


def test_an_assert_on_the_answer_that_goes_from_a_test_is_told() -> None:
    test = b"from flags import client\n\n\ndef test_a():\n"
    test += b"    assert client.is_enabled('shop.new-tax')\n    assert 2\n"

    found = retire_files({"tests/test_a.py": test}, flag=FLAG, on=True, policy=POLICY)

    assert [(s.line, s.treatment) for s in found.coverage] == [(5, "gone")]
    assert found.files[0].text == b"def test_a():\n    assert 2\n"


PLUGINS = b"""\
def is_enabled(name):
    return name in open("plugins.txt").read()
"""


def test_code_of_the_repository_that_asks_no_client_stays_unless_a_plan_asked_so() -> None:
    text = page('plugins.is_enabled("shop.new-tax")', "import plugins\n")
    files = {"shop.py": text, "flags.py": CLIENT, "plugins.py": PLUGINS}
    way = Convention(import_line="import plugins", check='plugins.is_enabled("{flag}")')

    left = retire_files(files, flag=FLAG, on=True, policy=POLICY)
    gone = retire_files(files, flag=FLAG, on=True, policy=POLICY, ways=[way])
    del files["flags.py"]
    alone = retire_files(files, flag=FLAG, on=True, policy=POLICY)

    (place,) = [s for s in left.coverage if s.treatment == "left"]
    assert "the code of `plugins.is_enabled` is here, and asks no flag client" in str(place.because)
    for found in (gone, alone):
        assert b"def page(x):\n    return 1\n" in (found.files[0].text or b"")


def test_a_doubtful_question_that_is_awaited_stays() -> None:
    text = page('await x.has_perm("shop.new-tax")').replace(b"def page", b"async def page")

    found = retire_files({"shop.py": text}, flag=FLAG, on=True, policy=POLICY)

    assert b"await x.has_perm" in (found.files[0].text or b"")


def test_a_file_is_read_in_its_own_encoding() -> None:
    text = "# coding: latin-1\n" + page('größe.has_perm("shop.new-tax")').decode()

    found = retire_files({"shop.py": text.encode("latin-1")}, flag=FLAG, on=True, policy=POLICY)

    (file,) = found.files
    assert file.text is not None
    assert 'if größe.has_perm("shop.new-tax"):'.encode("latin-1") in file.text


@pytest.mark.parametrize(
    ("body", "open_with"),
    [
        ("return client.is_enabled(name)", ""),
        ("return bool(client.is_enabled(name)) is True", ""),
        ("if not user:\n        return False\n    return client.is_enabled(name)", ""),
        ("if user is None:\n        return False\n    return client.is_enabled(name)", ""),
        ("return name in LOCAL or client.is_enabled(name)", ""),
        ("if name in LOCAL:\n        return LOCAL[name]\n    return client.is_enabled(name)", ""),
        ("return os.getenv('FF_' + name) == '1' or client.is_enabled(name)", ""),
        ("return settings.DEBUG or client.is_enabled(name)", ""),
        (
            "try:\n        return client.is_enabled(name)\n    except OSError:\n        pass",
            "",
        ),
        ("return client.is_enabled(name) if client else False", ""),
        ("found = client.is_enabled(name)\n    log(name, found)\n    return found", ""),
        ("with timer():\n        return client.is_enabled(name)", ""),
        ("return client.is_enabled(name) and user.id > 1", "on"),
        ("return client.is_enabled(name) and user % 2 == 0", "on"),
        ("return client.is_enabled(name) and now().hour > 8", "on"),
        ("return client.is_enabled(name) and not client.is_enabled('shop.stop')", "on"),
        ("return client.is_enabled(name) if user.beta else False", "on"),
        ("if user.is_guest:\n        return False\n    return client.is_enabled(name)", "on"),
        ("return any(client.is_enabled(name, {'group': g}) for g in user.groups)", "on"),
        (
            "for g in user.groups:\n        if client.is_enabled(name, g):\n"
            "            return True\n    return False",
            "on",
        ),
        ("return client.is_enabled(name) or user.is_staff", "off"),
        ("return client.is_enabled(name) or client.is_enabled('shop.all')", "off"),
        ("if user.is_staff:\n        return True\n    return client.is_enabled(name)", "off"),
        ("return inner(name, user)", "on"),
    ],
)
@pytest.mark.parametrize("keep", ["on", "off"])
def test_a_wrapper_that_says_more_than_the_flag_decides_nothing_by_it(
    body: str, open_with: str, keep: str
) -> None:
    inner = "def inner(name, user):\n    return client.is_enabled(name) and user.is_staff\n"
    flags = CLIENT + f"\n\ndef feature_on(name, user=None):\n    {body}\n\n\n{inner}".encode()
    files = {
        "flags.py": flags,
        "shop.py": page('feature_on("shop.new-tax", x)', "from flags import feature_on\n"),
    }

    found = retire_files(files, flag=FLAG, on=keep == "on", policy=POLICY)

    (file,) = found.files
    assert file.text is not None
    assert (b"if feature_on(" in file.text) is (keep == open_with)
    told = [str(s.because) for s in found.coverage if "says more than a flag" in str(s.because)]
    assert bool(told) is (keep == open_with)


def test_a_method_that_says_more_is_known_where_nobody_knows_whose_it_is() -> None:
    flags = b"""\
class Flags:
    def enabled(self, flag):
        return self.store.get(flag)

    def forbids(self, flag):
        return self.enabled(flag) or self.enabled("shop.stop")
"""
    files = {"flags.py": flags, "shop.py": page('x.flags.forbids("shop.new-tax")')}

    on, off = (retire_files(files, flag=FLAG, on=on, policy=POLICY) for on in (True, False))

    (kept,), (folded,) = off.files, on.files
    assert b"x.flags.forbids" in (kept.text or b"")
    assert b"x.flags.forbids" not in (folded.text or b"x.flags.forbids")
