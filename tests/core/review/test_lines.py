"""Letters that are taken for others are told from letters that are simply not English."""

import pytest

from flagwright.core.review.lines import ALIKE, lines


def marked(text: str) -> list[str]:
    (line,) = lines(text, is_python=False)
    return [piece.text for piece in line if piece.kind == ALIKE]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("p\u0430y", ["\u0430U+0430"]),
        ("p\u0251y", ["\u0251U+0251"]),
        ("rate\u217c", ["\u217cU+217C"]),
        ("\u0440\u0430\u0443", ["\u0440U+0440", "\u0430U+0430", "\u0443U+0443"]),
        ("s\u0581ore", ["\u0581U+0581"]),
    ],
    ids=["Cyrillic", "Latin alpha", "Roman numeral", "all of them", "Armenian"],
)
def test_a_letter_that_is_taken_for_another_is_written_out(text: str, shown: list[str]) -> None:
    assert marked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "caf\xe9 na\xefve \xdcbung",
        "\u03bb\u03cc\u03b3\u03bf\u03c2 \u0436\u0443\u043a",
        "\u4fa1\u683c",
    ],
)
def test_a_word_of_another_language_is_left_alone(text: str) -> None:
    assert marked(text) == []
