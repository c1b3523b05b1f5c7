"""Old comments, docstrings and annotations stay as comments, and come back with the old code."""

import ast
from zlib import crc32

import pytest

import flagwright
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.proof.was import with_old_text
from flagwright.core.wrapping.retire import retire_files
from flagwright.core.wrapping.was import kept, of_side

FLAG = "shop.new-tax"
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
BEFORE = '''\
"""Prices."""

import json
from typing import Optional


def price(item: Optional[int], rate=2):
    """Old words.

    Of two lines.
    """
    # Old comment.
    text = json.dumps(item)
    return text * rate


def name(item):
    """Say the name."""
    return item.name
'''
AFTER = '''\
"""The prices."""

import json
from collections.abc import Iterable


def price(item: Iterable[int], rate=2):
    """New words."""

    text = json.dumps(item)  # new comment
    return text + rate


def name(item):
    """Say its name."""
    return item.name
'''


def wrapped(before: str = BEFORE, after: str = AFTER) -> str:
    """The wrapped file."""
    text = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
    assert isinstance(text, str)
    return text


def retired(text: str, *, on: bool) -> tuple[str, list[str]]:
    """What retirement leaves of a file, and why something stays."""
    found = retire_files({"shop.py": text.encode()}, flag=FLAG, on=on)
    left = found.files[0].text if found.files else text.encode()
    assert left is not None
    return left.decode(), [*(segment.because or "" for segment in found.coverage), *found.notes]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_both_versions_come_back_byte_for_byte(end: str) -> None:
    before, after = (text.replace("\n", end) for text in (BEFORE, AFTER))

    text = wrapped(before, after)

    assert f"# flag {FLAG}: was 1 for 1 (" in text
    assert retired(text, on=False) == (before, [])
    assert retired(text, on=True) == (after, [])
    assert wrapped(before, text) == text


def test_text_that_was_edited_since_stays_and_is_listed() -> None:
    text = wrapped().replace('"""Say its name."""', '"""Say the whole name."""')

    off, because = retired(text, on=False)

    assert '    # """Say the name."""\n    """Say the whole name."""' in off
    assert '"""Old words.' in off
    assert because == ["a comment or a text names it: reword it"]
    assert f"# flag {FLAG}" not in retired(text, on=True)[0]


def test_an_import_that_other_code_has_come_to_need_stays() -> None:
    text = wrapped() + "\n\ndef all_of(items):\n    return isinstance(items, Iterable)\n"

    off, because = retired(text, on=False)

    assert "from collections.abc import Iterable" in off
    assert "return text * rate" in off
    assert '"""New words."""' in off
    assert because == [
        "shop.py: old comments and annotations do not come back: "
        "line 1: `Iterable` would lose its import"
    ]


def test_a_signature_of_both_sides_comes_back_as_it_was() -> None:
    before = "def total(items):\n    return sum(items)\n"
    after = "def total(\n    items,\n    start=0,\n):\n    return sum(items, start)\n"

    assert retired(wrapped(before, after), on=False) == (before, [])


def test_other_text_than_that_of_the_flag_is_left_alone() -> None:
    text = wrapped()

    assert of_side(text, "shop.new-ta", on=False) == text
    assert with_old_text(text, "shop.new-ta", on=False) == text


def test_two_ways_of_reading_agree() -> None:
    for text in (wrapped(), wrapped().replace("New words", "Newer words"), wrapped() + "#"):
        for on in (False, True):
            assert of_side(text, FLAG, on=on) == with_old_text(text, FLAG, on=on)


def test_a_file_keeps_as_many_lines_as_the_policy_lets_it() -> None:
    assert WrappingPolicy().old_text_lines == 100
    assert kept("a\n\n\nb\n", "a\n\n\nb\n", "a\n\n# x\nb\n", FLAG, most=0) == "a\n\n\nb\n"
    assert kept("a\n\n\nb\n", "a\n\n\nb\n", "a\n\n# x\nb\n", FLAG, most=1) != "a\n\n\nb\n"


def test_the_encoding_of_a_file_is_not_moved() -> None:
    before = "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# Old.\ndef f():\n    return 1\n"
    after = "#!/usr/bin/env python\n# coding: utf-8\n# New.\ndef f():\n    return 2\n"

    text = wrapped(before, after)

    assert text.startswith("#!/usr/bin/env python\n# coding: utf-8\n")
    assert "Old" not in text


def test_a_string_with_the_words_of_such_a_comment_stays_whole() -> None:
    quoted = f'x = """\n# flag {FLAG}: was 1 for 1 (0000)\n# a\nb\n"""\n'
    before = f"{quoted}\n\ndef f():\n    # Old.\n    return 1\n"
    after = f"{quoted}\n\ndef f():\n    # New.\n    return 2\n"

    assert retired(wrapped(before, after), on=False)[0] == before
    assert retired(wrapped(before, after), on=True)[0] == after


def test_old_text_that_would_change_what_runs_does_not_come_back() -> None:
    text = wrapped()
    line = "def name(item):"
    edited = text.replace(line, "def name(item, title):").replace(
        "return item.name", "return title"
    )
    digest = f"{crc32(b'def name(item, title):') & 0xFFFF:04x}"
    comment = f"# flag {FLAG}: was 1 for 1 ({digest})\n# {line}\n"
    forged = edited.replace("def name(item, title):", f"{comment}def name(item, title):")

    off, because = retired(forged, on=False)

    assert "def name(item, title):" in off
    assert "return text * rate" in off
    assert because == [
        "shop.py: old comments and annotations do not come back: "
        "line 1: the old text would change what runs"
    ]


LONG = (
    'def f(item):\n    """Say more.\n\n    '
    + "\n    ".join("abcdefghijk")
    + '\n    """\n    return 1\n'
)


def test_of_a_long_docstring_only_what_changed_is_kept() -> None:
    after = LONG.replace("    g\n", "    new\n    lines\n").replace("return 1", "return 2")

    text = wrapped(LONG, after)

    assert f"    # flag {FLAG}: was 1 for 2 after 8 (" in text
    assert retired(text, on=False) == (LONG, [])
    assert retired(text, on=True) == (after, [])
    edited = text.replace("    c\n", "    C\n")
    left, why = retired(edited, on=False)
    assert "    C\n" in left
    assert why


def test_of_a_docstring_that_changes_in_places_far_apart_each_is_kept_alone() -> None:
    after = LONG.replace("    a\n", "    A\n    B\n").replace("    i\n", "")
    after = after.replace("    e\n", "    E\n").replace("return 1", "return 2")

    text = wrapped(LONG, after)

    kept = [line.strip() for line in text.split("\n") if line.strip().startswith("#")]
    assert [line.partition("(")[0] for line in kept] == [
        f"# flag {FLAG}: was 1 for 2 after 2 ",
        "# a",
        f"# flag {FLAG}: was 1 for 1 after 7 ",
        "# e",
        f"# flag {FLAG}: was 1 for 0 after 11 ",
        "# i",
    ]
    assert retired(text, on=False) == (LONG, [])
    assert retired(text, on=True) == (after, [])
    assert wrapped(LONG, text) == text
    edited = text.replace("    g\n", "    G\n")
    left, why = retired(edited, on=False)
    assert "    G\n" in left
    assert left.count(": was ") == 3
    assert why


def test_a_comment_stands_as_far_in_as_the_docstring_that_it_is_for() -> None:
    before = LONG.replace("    c\n", "    c\n            deep\n")
    after = LONG.replace("return 1", "return 2")

    text = wrapped(before, after)

    assert f"\n    # flag {FLAG}: was 1 for 0 after 5 (" in text
    assert "\n    #         deep\n" in text
    assert retired(text, on=False) == (before, [])


def test_a_blank_line_below_a_docstring_comes_back_below_the_question() -> None:
    before = (
        'def twice(f):\n    """Call it."""\n\n    rate = f.a\n'
        "    def g():\n        return h(rate)\n    return g\n"
    )
    after = (
        'def twice(f):\n    """Call it."""\n    rate = f.b\n    more = f.c\n'
        "    def g():\n        return h(rate, more)\n    return g\n"
    )

    text = wrapped(before, after)

    assert text.count(": was ") == 1
    assert retired(text, on=False) == (before, [])
    assert retired(text, on=True) == (after, [])


def test_a_blank_line_above_what_is_new_needs_no_comment() -> None:
    """It goes with the check below it; the one that follows does not."""
    before = "def f(x):\n    x.a = 1\n    x.z = 3\n\n\ndef g(x):\n    return x\n"
    after = before.replace("    x.z", "\n    # Why.\n    x.b = 2\n\n    x.z").replace("n x", "n -x")
    text = wrapped(before, after)
    assert text.count(": was ") == 1
    assert flagwright.project(text, flag=FLAG, on=False) == before


def test_old_text_that_would_not_parse_is_not_kept() -> None:
    """A body on the line of its `def` is on lines of its own now."""
    before = '''\
class A:
    def _m(self, x):
        """Say."""


class B(A):
    def _m(self, x): return x + 1


def f(a):
    return a._m(1)
'''
    after = before.replace("x)", "x, y)").replace("x + 1", "x + y").replace("m(1)", "m(1, 2)")
    text = wrapped(before, after)
    off = flagwright.project(text, flag=FLAG, on=False)
    assert ast.dump(ast.parse(off)) == ast.dump(ast.parse(before))


def test_texts_below_new_constants_go_with_them_one_by_one() -> None:
    before = 'LEAST = 1\n"""How few."""\n'
    after = f'{before}\nMOST = 9\n"""How many."""\n\nLAST = 5\n"""How many,\nfrom the end."""\n'

    comes_back(before, after)


def test_a_comment_above_a_shared_header_comes_back_below_what_is_new() -> None:
    before = """\
def send(items):
    last = None

    # All that are known.
    for item in items:
        last = item
        item.send()
        item.close()
    return last
"""
    new = "    if items.old:\n        items = items.fresh()\n    for item in items.all():\n"
    after = before.replace("\n    # All that are known.\n    for item in items:\n", f"\n{new}")
    assert "in items.all() if" in wrapped(before, after)

    comes_back(before, after)


def test_marks_by_which_a_body_is_read_stay_above_an_old_header() -> None:
    before = '''\
class Worker:
    def finish(self, job, queue):
        """Finish a job.

        Args:
            job: The job.
        """
        self.log(job)
        self.clean(job)

    def run(self, job, queue):
        self.finish(job, queue)
'''
    after = '''\
class Worker:
    def finish(
        self,
        job,
        queue,
        execution,
    ):
        """Finish a job.

        Args:
            job: The job.
            execution: That ran it.
        """
        self.log(job)
        self.clean(job, execution)

    def run(self, job, queue):
        self.finish(job, queue, job.execution)
'''
    assert "off (execution=)" in wrapped(before, after)

    comes_back(before, after)


def comes_back(before: str, after: str) -> None:
    text = wrapped(before, after)
    for on, version in ((False, before), (True, after)):
        assert flagwright.project(text, flag=FLAG, on=on) == version


@pytest.mark.parametrize("one_line", [True, False])
def test_an_old_annotation_beside_a_parameter_of_one_version_comes_back(*, one_line: bool) -> None:
    old = 'class W:\n    """Old."""\n\n    def go(\n        self,\n        a: float = 1,\n    ):\n'
    old += "        return a\n"
    new = old.replace("Old.", "New.").replace("a: float = 1,", "a: int = 1,\n        b: int = 0,")
    if one_line:
        old, new = (
            text.replace("(\n        self,\n        ", "(self, ").replace(",\n        b", ", b")
            .replace(",\n    ):", "):")
            for text in (old, new)
        )  # fmt: skip

    wrapped = flagwright.wrap(old, new, flag="new-tax", convention=CONVENTION)

    for on, text in ((True, new), (False, old)):
        assert flagwright.project(wrapped, flag="new-tax", on=on) == text
        (file,) = retire_files({"a.py": wrapped.encode()}, flag="new-tax", on=on).files
        assert (file.text or b"").decode() == text


ONE = '''\
class W:
    """Old."""

    def go(
        self,
        a: float = 1,
        b: float = 2,
    ):
        """Old words."""
        return a
'''


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ONE, ONE.replace("Old", "New").replace("        a", "        z: str = '',\n        a")),
        (
            ONE.replace("(\n        self,\n        a", "(self, a").replace(",\n    ):", "):"),
            ONE.replace("(\n        self,\n        a: float", "(self, a: int")
            .replace(",\n    ):", ", c: int = 0):")
            .replace("Old", "New"),
        ),
        (
            "def f(\n    data: dict,\n):\n    if data is not None and data.get('a'):\n"
            "        print(data)\n        print(len(data))\n    return data\n",
            "def f(\n    data: Data,\n):\n    if data is not None and not isinstance(data, str):"
            "  # type: ignore\n        print(data)\n        print(len(data))\n    return data\n",
        ),
        (
            "def f(a):\n    if 'x' in a:  # old\n        for b in a:  # old\n"
            "            return 1\n",
            "def f(a):\n    if 'x' in a:  # new\n        for b in a:  # new\n"
            "            return 2\n",
        ),
        (
            "class W:\n    kind = 1  # old\n\n    def f(self, a):  # old\n"
            "        if 'x' in a:  # old\n            for b in a:  # old\n"
            "                return 1\n        return 3\n",
            "class W:\n    kind = 1  # new\n\n    def f(self, a):  # new\n"
            "        if 'x' in a:  # new\n            for b in a:  # new\n"
            "                return 2\n        return 3\n",
        ),
    ],
    ids=["two signatures", "below a docstring", "a header", "as many lines", "around a question"],
)
def test_old_text_beside_what_is_of_both_comes_back(before: str, after: str) -> None:
    text = wrapped(before, after)

    for version, on in ((before, False), (after, True)):
        assert flagwright.project(text, flag=FLAG, on=on) == version
        assert retired(text, on=on) == (version, [])


def test_old_text_comes_back_beside_text_that_does_not() -> None:
    before = '#!/usr/bin/env python\n"""Old."""\n\n\ndef f():\n    """Old words."""\n    return 1\n'
    after = before.replace("Old", "New").replace("return 1", "return 2")

    text = wrapped(before, after)

    assert flagwright.project(text, flag=FLAG, on=True) == after
    assert flagwright.project(text, flag=FLAG, on=False) == before.replace('"Old."', '"New."')
