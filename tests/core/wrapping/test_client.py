"""The flag client in a file: under which name it is asked, and when it is not asked again."""

import asyncio
from types import ModuleType
from typing import Any

import pytest

import flagwright
from flagwright import CannotWrap

FLAG = "shop.new-tax"
PLAIN = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
AWAITED = {"import": "from flags import client", "check": 'await client.is_enabled("{flag}")'}
MANGLED = {
    "import": "from flags import client as __client",
    "check": '__client.is_enabled("{flag}")',
}
ASYNC = "async def price(item):\n    rate = {0}\n    log(rate)\n    return item * {0}\n"


def test_a_name_that_a_class_would_mangle_is_imported_under_another_one() -> None:
    before = "class Basket:\n    def total(self):\n        return 1\n"

    wrapped = flagwright.wrap(before, before.replace("1", "2"), flag=FLAG, convention=MANGLED)

    assert "from flags import client as flags_client\n" in wrapped
    assert f'if flags_client.is_enabled("{FLAG}"):' in wrapped


def test_a_check_of_this_flag_written_by_hand_comes_back_unchanged() -> None:
    before = "from flags import client\n\n\ndef price():\n    return 2\n"
    check = f"    if client.is_enabled('{FLAG}'):\n        return 3\n"
    after = before.replace("    return 2\n", check + "    return 2\n")

    assert flagwright.wrap(before, after, flag=FLAG, convention=PLAIN) == after


def test_a_check_by_hand_with_an_import_of_its_own_comes_back_unchanged() -> None:
    before = "def price():\n    return 2\n"
    check = f"    if client.is_enabled('{FLAG}'):\n        return 3\n"
    after = "from flags import client\n" + before.replace(
        "    return 2\n", check + "    return 2\n"
    )

    assert flagwright.wrap(before, after, flag=FLAG, convention=PLAIN) == after


def test_a_check_of_this_flag_elsewhere_in_the_file_keeps_its_spelling() -> None:
    kept = f"\n\ndef rate():\n    if client.is_enabled('{FLAG}'):\n        return 3\n    return 4\n"
    before = "from flags import client\n\n\ndef price():\n    return 1\n" + kept

    wrapped = flagwright.wrap(before, before.replace("1", "2"), flag=FLAG, convention=PLAIN)

    assert wrapped.endswith(kept)
    assert wrapped.count(f"client.is_enabled('{FLAG}')") == 2


def test_a_check_by_hand_that_loses_an_import_of_the_old_code_is_refused() -> None:
    before = "import tax\n\n\ndef price():\n    return tax.old()\n"
    after = (
        "from flags import client\n\n\ndef price():\n"
        f"    if client.is_enabled('{FLAG}'):\n        return 3\n    return tax.old()\n"
    )

    with pytest.raises(CannotWrap):
        flagwright.wrap(before, after, flag=FLAG, convention=PLAIN)


@pytest.mark.parametrize("on", [False, True])
def test_an_awaited_answer_is_awaited_once_and_folds(on: bool) -> None:
    before, after = ASYNC.format(1), ASYNC.format(2)

    wrapped = flagwright.wrap(before, after, flag=FLAG, convention=AWAITED)

    assert wrapped.count("await client.is_enabled") == 1
    assert flagwright.project(wrapped, flag=FLAG, on=on) == (after if on else before)
    assert awaited(wrapped, on=on) == (6 if on else 3)


def awaited(source: str, *, on: bool) -> Any:
    """What the coroutine of a wrapped file gives."""

    class Client:
        async def is_enabled(self, name: str) -> bool:
            return on and name == FLAG

    module = ModuleType("wrapped")
    module.__dict__.update(client=Client(), log=lambda rate: None)
    source = source.replace("from flags import client\n", "")
    exec(compile(source, "<wrapped>", "exec"), module.__dict__)
    return asyncio.run(module.price(3))


def test_a_plain_function_beside_an_async_one_cannot_await_the_client() -> None:
    plain = ASYNC.replace("async ", "")

    with pytest.raises(CannotWrap) as caught:
        flagwright.wrap(plain.format(1), plain.format(2), flag=FLAG, convention=AWAITED)

    assert caught.value.category == "function-kind"


FOR_WHOM = {
    "import": "import waffle",
    "check": 'waffle.flag_is_active({context}, "{flag}")',
    "context": "request",
}
VIEW = "def page(request, item):\n    log(item)\n    return item * 1\n"


def test_a_check_for_somebody_uses_a_parameter_and_comes_out_again() -> None:
    after = VIEW.replace("* 1", "* 2")

    wrapped = flagwright.wrap(VIEW, after, flag=FLAG, convention=FOR_WHOM)

    assert f'if waffle.flag_is_active(request, "{FLAG}"):' in wrapped
    assert flagwright.project(wrapped, flag=FLAG, on=True) == after
    assert flagwright.project(wrapped, flag=FLAG, on=False) == VIEW


def test_what_every_file_imports_may_say_for_whom() -> None:
    before = "from flask import g\n\n\ndef page(item):\n    return item * 1\n"
    way = FOR_WHOM | {"context": "g.user"}

    wrapped = flagwright.wrap(before, before.replace("1", "2"), flag=FLAG, convention=way)

    assert f'if waffle.flag_is_active(g.user, "{FLAG}"):' in wrapped


@pytest.mark.parametrize(
    "before",
    [
        "def page(item):\n    return item * 1\n",
        "def page(item, key=lambda request: 0):\n    return item * 1\n",
        "def page(*request):\n    return 1\n",
        "def page(request):\n    del request\n    return 1\n",
        "request = None\n\n\ndef page(item):\n    return item * 1\n",
        "def page(request):\n    def inner():\n        return 1\n    return inner\n",
        "from web import request\n\n\ndef page(i):\n    for request in i:\n        return i * 1\n",
    ],
)
def test_a_function_that_cannot_say_for_whom_is_refused(before: str) -> None:
    with pytest.raises(CannotWrap) as caught:
        flagwright.wrap(before, before.replace("1", "2"), flag=FLAG, convention=FOR_WHOM)

    assert caught.value.category == "convention"


def test_a_parameter_that_only_one_version_has_says_nothing_for_the_other() -> None:
    after = VIEW.replace("request, item", "item, request=None").replace("1", "2")
    before = VIEW.replace("request, ", "")

    with pytest.raises(CannotWrap) as caught:
        flagwright.wrap(before, after, flag=FLAG, convention=FOR_WHOM)

    assert caught.value.category == "signature"


def test_an_import_that_does_not_bring_what_the_check_uses_is_refused() -> None:
    way = {"import": "from flags import client", "check": 'other.is_enabled("{flag}")'}

    with pytest.raises(CannotWrap, match="does not import"):
        flagwright.wrap(VIEW, VIEW.replace("1", "2"), flag=FLAG, convention=way)


def test_the_check_has_the_quotes_that_nearly_all_strings_of_the_file_have() -> None:
    before = 'def price(item):\n    """It\'s net."""\n    return item[\'net\'] + item[\'tax\']\n'

    wrapped = flagwright.wrap(before, before.replace("tax", "fee"), flag=FLAG, convention=PLAIN)
    mixed = flagwright.wrap(
        before.replace("'net'", '"net"'),
        before.replace("'net'", '"net"').replace("tax", "fee"),
        flag=FLAG,
        convention=PLAIN,
    )

    assert f"    if client.is_enabled('{FLAG}'):\n" in wrapped
    assert f'    if client.is_enabled("{FLAG}"):\n' in mixed


def test_a_kept_import_keeps_what_a_tool_reads_behind_it() -> None:
    line = "from socks import version as v  # type: ignore[import]\n"
    before = f"import os\n{line}\n\ndef f():\n    return v\n"
    after = "import os\n\n\ndef f():\n    return 2\n"

    wrapped = flagwright.wrap(before, after, flag=FLAG, convention=PLAIN)

    assert f"# flag {FLAG}: off\n{line}" in wrapped
    assert wrapped.count("socks") == 1
    assert flagwright.project(wrapped, flag=FLAG, on=False) == before
    assert flagwright.project(wrapped, flag=FLAG, on=True) == after
