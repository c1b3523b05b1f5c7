"""A class that answers for unknown names by itself, and a private member of one version."""

import pytest

from flagwright.errors import CannotWrap
from tests.core.wrapping.test_dormant import plan

OLD = """\
class Box:
    _SIZE = 2

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
{answers}

    def size(self):
        return self._SIZE
"""
ASKS = "        if not name.startswith('_'):\n            return getattr(self._inner, name)\n"


def changed(answers: str, *, more: str = "") -> tuple[str, str]:
    old = OLD.format(answers=answers) + more
    new = old.replace("    _SIZE = 2\n", "    _SIZE = 2\n    _MOST = 9\n")
    return old, new.replace("return self._SIZE", "return min(self._SIZE, self._MOST)")


@pytest.mark.parametrize(
    "answers",
    [
        ASKS + "        return object.__getattribute__(self, name)",
        ASKS + "        raise AttributeError(name)",
        "        if name.startswith('_'):\n            raise AttributeError\n"
        "        return getattr(self._inner, name)",
        "        if name == 'week' or name in ('day', 'hour'):\n            return 7\n"
        "        raise AttributeError(name)",
        "        '''What it is made of.'''\n"
        "        if name.endswith('s') and not name == '_s':\n            return [name]\n"
        "        return super().__getattribute__(name)",
    ],
)
def test_it_may_fail_for_the_private_ones(answers: str) -> None:
    assert "_MOST = 9" in plan(*changed(answers))


@pytest.mark.parametrize(
    "answers",
    [
        "        return getattr(self._inner, name)",
        ASKS + "        return self._inner[name]",
        ASKS + "        raise KeyError(name)",
        ASKS + "        return super().__getattr__(name)",
        ASKS + "        name = name[1:]\n        raise AttributeError(name)",
        ASKS + "        print(name)\n        raise AttributeError(name)",
        "        if name.startswith('_M'):\n            return 5\n"
        "        raise AttributeError(name)",
        "        if name not in ('day', 'hour'):\n            return 7\n"
        "        raise AttributeError(name)",
        "        if name in self._inner:\n            return 7\n        raise AttributeError(name)",
        "        if name > '_':\n            return 7\n        raise AttributeError(name)",
    ],
)
def test_it_may_not_answer_for_them(answers: str) -> None:
    with pytest.raises(CannotWrap, match="looks up unknown names such as `_MOST`"):
        plan(*changed(answers))


def test_both_versions_of_it_fail() -> None:
    old, new = changed("        return getattr(self._inner, name)")
    new = new.replace("return getattr(self._inner, name)", "raise AttributeError(name)")

    with pytest.raises(CannotWrap, match="looks up unknown names such as `_MOST`"):
        plan(old, new)


def test_nobody_else_may_ask_for_it() -> None:
    more = "\n\ndef most(box):\n    return getattr(box, '_MOST', 1)\n"
    old, new = changed(ASKS + "        raise AttributeError(name)", more=more)
    line = old.split("\n").index("    return getattr(box, '_MOST', 1)") + 1

    with pytest.raises(CannotWrap, match=rf"such as `_MOST` by name \(line {line} of it\)"):
        plan(old, new)
