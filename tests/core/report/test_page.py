"""A report holds everything in itself, and no name of a stranger can do anything in it."""

import re
from html.parser import HTMLParser

from flagwright.core.report.impact import MARKS
from flagwright.core.report.page import page
from flagwright.core.report.svg import lasted, rounded
from tests.core.report.facts import HOSTILE, full, nothing


class Seen(HTMLParser):
    """Every tag and attribute of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += f"{data}\n"


def test_a_page_has_no_script_and_asks_nobody_for_anything() -> None:
    seen = Seen(page(full()))

    assert not {"script", "link", "img", "iframe", "form", "object"} & set(seen.tags)
    assert [value for name, value in seen.attributes if name in ("href", "src")] == [
        "#impact", "#risk", "#lives", "#debt", "#approvals", "#waivers", "#ledger",
    ]  # fmt: skip
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name == "style"]
    (policy,) = [value for name, value in seen.attributes if "default-src" in value]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert HOSTILE[-1] not in seen.text


def test_every_mark_has_its_numbers_in_a_table() -> None:
    drawn = page(full())
    tables = "".join(re.findall(r"<table>.*?</table>", drawn))

    for said in ("no-pricing", "release.search.ranking", "expired 45 days ago", "4 minutes",
                 "no-rounding", "310"):  # fmt: skip
        assert said in tables
    for words in ("needs a flag now", "refused instead of flagged", "no longer refused"):
        assert words in tables


def test_what_moves_differs_in_shape_and_not_in_colour_alone() -> None:
    shapes = [shape for shape, _, _ in MARKS.values()]

    assert len(set(shapes)) == len(shapes)


def test_numbers_come_first_with_what_they_are_of() -> None:
    seen = Seen(page(full())).text

    assert "75 %\nof risky changes behind a flag\n3 of 4 changes" in seen
    assert "35 days\nfrom a flag to 100 %" in seen
    assert "1\nflags past their life\nof 3 that are there" in seen


def test_a_page_about_nothing_says_what_is_not_there() -> None:
    seen = Seen(page(nothing())).text

    assert "The flag server did not answer" in seen
    assert "there is no past to judge" in seen
    assert "Nothing was approved or rejected here" in seen
    assert "No rule is waived." in seen
    assert "none yet" in seen


def test_times_and_axes_are_told_in_round_numbers() -> None:
    assert [lasted(s) for s in (None, 30, 60, 5400, 172_800)] == [
        "not known", "30 seconds", "1 minute", "1.5 hours", "2 days",
    ]  # fmt: skip
    assert [rounded(most) for most in (0, 1, 4, 7, 11, 99, 101)] == [1, 1, 4, 10, 15, 100, 150]
