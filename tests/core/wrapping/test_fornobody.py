"""A share of the users means nothing where code asks for a flag without one."""

import pytest

from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.fornobody import asked_for_nobody, is_for_nobody
from flagwright.core.wrapping.policy import WrappingPolicy

FLAG = "shop.new-tax"
POLICY = WrappingPolicy(tests=("tests/**",))


@pytest.mark.parametrize(
    ("asked", "flags", "is_found"),
    [
        ('client.is_enabled("shop.new-tax")', "", True),
        ('client.is_enabled("shop.new-tax", None)', "", True),
        ('client.is_enabled("shop.new-tax", fallback_function=off)', "", True),
        ("client.is_enabled(NEW_TAX)", "", True),
        ('client.is_enabled("shop.new-tax", {"userId": user.id})', "", False),
        ('client.is_enabled("shop.new-tax", context=whom)', "", False),
        ('request.flags.is_enabled("shop.new-tax")', "", False),
        ('is_on("shop.new-tax")', "def is_on(name):\n    return client.is_enabled(name)\n", True),
        (
            'is_on("shop.new-tax")',
            'def is_on(name):\n    return client.is_enabled(name, {"userId": g.user.id})\n',
            False,
        ),
        (
            'client.get_boolean_value("shop.new-tax", False)',
            "api.set_evaluation_context(EvaluationContext(user.id))\n",
            False,
        ),
        ('client.get_boolean_value("shop.new-tax", False)', "", True),
    ],
)
def test_a_question_that_hands_over_no_user_is_found(
    asked: str, flags: str, is_found: bool
) -> None:
    page = f'NEW_TAX = "shop.new-tax"\n\n\ndef page(user):\n    return 1 if {asked} else 2\n'
    files = {"page.py": page.encode(), "flags.py": flags.encode(), "tests/t.py": page.encode()}

    found = asked_for_nobody(files, FLAG, POLICY)

    assert [(place.path, place.line) for place in found] == [("page.py", 5)] * is_found


@pytest.mark.parametrize(
    ("check", "context", "expected"),
    [
        ('client.is_enabled("{flag}")', "", True),
        ('await client.is_enabled("{flag}")', "", True),
        ('client.is_enabled("{flag}", {context})', "user", False),
        ('flag_is_active(request, "{flag}")', "", False),
        ('FLAGS["{flag}"]', "", False),
    ],
)
def test_a_way_of_asking_says_for_whom_or_does_not(
    check: str, context: str, expected: bool
) -> None:
    way = Convention(import_line="import flags", check=check, context=context)

    assert is_for_nobody(way, {}) is expected
