"""Tell of objects that were made on one side of the flag and are used on the other."""

import ast

import pytest

from flagwright.core.wrapping.outliving import (
    asked_of_heirs,
    broken_by_a_switch,
    kept_in_a_loop,
    kept_over_a_wait,
)

BEFORE = """\
class Link:
    def __init__(self):
        self.count = 0

    def closed(self):
        self.count -= 1
"""


def told(added: str, before: str = BEFORE) -> list[str]:
    after = before.replace("self.count = 0\n", "self.count = 0\n        self._timer = None\n")
    return [*broken_by_a_switch(ast.parse(before), ast.parse(f"{after}\n{added}"))]


def test_every_method_that_would_break_is_named() -> None:
    cancelled = (
        "    def cancel(self):\n        if self._timer:\n            self._timer.cancel()\n"
        "        self._timer = None\n\n    def counted(self):\n        self._timer += 1\n\n"
        "    def asked(self):\n        return self._timer\n"
    )

    assert told(cancelled) == [
        "`asked`, `cancel`, `counted` of `Link` read `_timer` of objects that were made with the "
        "flag on, and others have none: let no such object live through a switch, e.g. restart"
    ]


@pytest.mark.parametrize(
    "added",
    [
        "    def start(self):\n        self._timer = 1\n        return self._timer\n",
        "    def start(self, other):\n        return other._timer\n",
        "    def __getattr__(self, name):\n        return None\n\n"
        "    def asked(self):\n        return self._timer\n",
        "    _timer = 1\n\n    def asked(self):\n        return self._timer\n",
    ],
)
def test_what_finds_a_value_on_either_side_is_not_told(added: str) -> None:
    assert told(added) == []


@pytest.mark.parametrize(
    ("added", "who"),
    [
        ("class Heir(Link):\n    def asked(self):\n        return self._timer\n", "Heir"),
        (
            "class Heir(Link):\n    pass\n\n\nclass Last(Heir):\n    def asked(self):\n"
            "        return self._timer\n",
            "Last",
        ),
        (
            "    def asked(self):\n        return self._timer\n\n\nclass Heir(Link):\n    pass\n",
            "Link",
        ),
        ("class Heir(Link):\n    _timer = 1\n\n    def asked(self):\n        self._timer\n", ""),
    ],
)
def test_what_a_base_sets_is_told_of_the_class_that_reads_it(added: str, who: str) -> None:
    heirs = "\n\nclass Heir(Link):\n    pass\n\n\nclass Last(Heir):\n    pass\n"
    after = BEFORE.replace("count = 0\n", "count = 0\n        self._timer = None\n") + f"\n{added}"

    found = [*broken_by_a_switch(ast.parse(BEFORE + heirs), ast.parse(after))]

    assert [f"`asked` of `{who}` reads `_timer`" in line for line in found] == [True] * bool(who)


@pytest.mark.parametrize(("name", "is_told"), [("Page", True), ("_Page", False)])
def test_an_abstract_method_of_one_version_is_told(name: str, *, is_told: bool) -> None:
    before = ast.parse(f"class {name}(ABC):\n    def run(self): ...\n")
    after = ast.parse(f"class {name}(ABC):\n    @abstractmethod\n    def more(self): ...\n")

    assert [*asked_of_heirs(before, before)] == []
    assert [*asked_of_heirs(before, after)] == [
        "`Page` has the abstract `more` with the flag off, too: a class that is made from it "
        "outside of the repository needs one"
    ] * is_told


LOOP = """\
def work(queue):
    new_on = client.is_enabled("new")
    while True:
        {}
"""


@pytest.mark.parametrize(
    ("body", "is_told"),
    [
        ("task = queue.get()\n        if task is None: return\n        if new_on: task()", True),
        ("if new_on: queue.get()", True),
        ("if new_on: queue.get()\n        return queue", False),
        ("try:\n            return queue.get(new_on)\n        except OSError: pass", False),
        ("queue.get()", False),
    ],
)
def test_a_loop_without_end_keeps_the_answer_that_it_began_with(
    body: str, *, is_told: bool
) -> None:
    found = [*kept_in_a_loop(ast.parse(LOOP.format(body)), "new_on")]

    assert [note.partition(",")[0] for note in found] == ["`work` asks once"] * is_told


@pytest.mark.parametrize(
    ("test", "is_told"),
    [
        ("self.running", True),
        ("not self._stop.is_set()", True),
        ("not stopped.is_set()", True),
        ("self.should_exit is False", False),
        ("len(tasks) > 3", False),
        ("tasks", False),
        ("self.left", False),
    ],
)
def test_so_does_a_loop_that_only_somebody_else_ends(test: str, *, is_told: bool) -> None:
    text = LOOP.format("if new_on: tasks.get()").replace("while True", f"while {test}")

    found = [*kept_in_a_loop(ast.parse(text), "new_on")]

    assert [f"its `while {test}`" in note for note in found] == [True] * is_told


LIMITER = """\
class Limiter:
    async def acquire(self):
        new_on = is_enabled("a.b")
        {first}
        await self.event.wait()
        {then}

    def notify(self):
        {other}
"""
ASKS = 'if is_enabled("a.b"): self.go()'


@pytest.mark.parametrize(
    ("first", "then", "other", "is_told"),
    [
        ("pass", "if new_on: self.go()", ASKS, True),
        ("if new_on: self.go()", "pass", ASKS, False),
        ("pass", "if new_on: self.go()", "self.go()", False),
    ],
)
def test_a_method_that_waits_with_its_answer_is_told_where_another_asks_anew(
    first: str, then: str, other: str, *, is_told: bool
) -> None:
    text = LIMITER.format(first=first, then=then, other=other)

    found = [*kept_over_a_wait(ast.parse(text), text.split("\n"), ('is_enabled("a.b")', "new_on"))]

    assert [note.partition(",")[0] for note in found] == (
        ["`acquire` of `Limiter` asks once"] * is_told
    )
