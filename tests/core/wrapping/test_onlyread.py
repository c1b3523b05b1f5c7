"""Tell what is read, and by whom: a list that somebody may change is no value to have twice."""

import ast

import pytest

from flagwright.core.wrapping.onlyread import only_read

READING = "        return {name.lower(): n for n, name in enumerate(names[1:], 1)}\n"


def is_only_read(call: str, more: str) -> bool:
    """Whether that is all that is done to `self.months`."""
    tree = ast.parse(f"class Page:\n    def all(self):\n        return {call}\n\n{more}")
    used = {id(n) for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "months"}
    assert used
    return used <= only_read(tree)


@pytest.mark.parametrize(
    ("call", "more"),
    [
        ("self.months[1]", ""),
        ("self._order(self.months)", f"    def _order(self, names):\n{READING}"),
        ("self._order(1, self.months)", f"    def _order(self, first, names):\n{READING}"),
        (
            "self._order(self.months)",
            f"    @staticmethod\n    def _order(names):\n{READING}",
        ),
        ("order(self.months)", f"def order(names):\n{READING}"),
    ],
)
def test_what_a_function_of_the_file_only_reads_is_only_read(call: str, more: str) -> None:
    assert is_only_read(call, more)


@pytest.mark.parametrize(
    ("call", "more"),
    [
        ("self._order(self.months)", "    def _order(self, names):\n        names.sort()\n"),
        ("self._order(self.months)", "    def _order(self, names):\n        return names\n"),
        ("self._order(self.months)", f"    @cached\n    def _order(self, names):\n{READING}"),
        ("self._order(self.months)", "    def _order(self, one, two):\n        return one\n"),
        ("self._order(*self.all(), self.months)", "    def _order(self, *names): pass\n"),
        ("self._order(self.months)", ""),
        (
            "self._order(self.months)",
            f"    def _order(self, names):\n{READING}\n\nclass Own(Page):\n"
            "    def _order(self, names):\n        self.kept = names\n",
        ),
        ("order(self.months)", f"    def order(self, names):\n{READING}"),
        ("order(self.months)", f"def order(names):\n{READING}\n\ndef f(order):\n    pass\n"),
        ("page.order(self.months)", f"    def order(self, names):\n{READING}"),
    ],
)
def test_what_anybody_may_change_or_keep_is_not(call: str, more: str) -> None:
    assert not is_only_read(call, more)
