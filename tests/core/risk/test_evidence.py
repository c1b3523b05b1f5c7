"""What is quoted is short, printable and free of secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagwright.core.risk.evidence import MAX_CHARS, quote


@pytest.mark.parametrize(
    ("line", "quoted"),
    [
        ("    return total(cart)  ", "return total(cart)"),
        ('API_KEY = "hunter2"', 'API_KEY = "****"'),
        ("password: 'hunter2',", "password: '****',"),
        ('key = "AKIAIOSFODNN7EXAMPLE3x9"', 'key = "****"'),
        ('url = "postgres://shop:hunter2@db/shop"', 'url = "postgres://shop:****@db/shop"'),
        ("a" * 200, "a" * 79 + "…"),
        ("x = 1 \x1b[2J", "x = 1 \\x1b[2J"),
        ("admin\u202e\u2066 = 1", "admin\\u202e\\u2066 = 1"),
        (
            "def a_rather_long_name_of_a_function(): ...",
            "def a_rather_long_name_of_a_function(): ...",
        ),
    ],
)
def test_a_quote_hides_secrets_and_shows_tricks(line: str, quoted: str) -> None:
    assert quote(line) == quoted


@given(st.text(alphabet=st.characters(), max_size=300))
def test_a_quote_is_short_and_printable_whatever_the_text(text: str) -> None:
    quoted = quote(text)

    assert len(quoted) <= MAX_CHARS
    assert quoted.isprintable()
