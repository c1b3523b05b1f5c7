"""Tell of objects that were made on one side of the flag and are used on the other."""

import ast

import pytest

from flagwright.core.wrapping.handedback import handed_back
from flagwright.core.wrapping.outliving import (
    asked_of_heirs,
    broken_by_a_switch,
    kept_in_a_loop,
    kept_over_a_wait,
)
from flagwright.core.wrapping.setotherwise import changed_pairs, set_otherwise

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


JOBS = """\
class Job:
    def __init__(self, call):
        self.call = call

    def asked(self):
        return self.call


class Scheduler{base}:
    def __init__(self, name):
        self.name = name
"""


@pytest.mark.parametrize(("base", "is_told"), [("", True), ("(Job)", False)])
def test_an_attribute_that_another_class_sets_is_missing_all_the_same(
    base: str, *, is_told: bool
) -> None:
    before = JOBS.format(base=base)
    after = before.replace("= call\n", "= call\n        self.name = str(call)\n")
    after = after.replace("return self.call", "return self.name")

    found = [*broken_by_a_switch(ast.parse(before), ast.parse(after))]

    assert any("`asked` of `Job` reads `name`" in line for line in found) == is_told


TIMER = """\
class Timer:
    def __init__(self, seconds):
        self.limit = seconds

    def left(self, used):
        return self.limit - used
"""


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({"= seconds": "= seconds * 1000", "self.limit -": "self.limit / 1000 -"}, True),
        (
            {
                "= seconds": "= many",
                "        self.limit": "        many = seconds * 1000\n        self.limit",
                "self.limit -": "self.limit / 1000 -",
            },
            True,
        ),
        ({"self.limit = ": "self.limit: float = ", "self.limit -": "self.limit / 1 -"}, False),
        ({"= seconds": "= seconds * 2"}, False),
        ({"self.limit - used": "used - self.limit"}, False),
        (
            {
                "= seconds": "= 1",
                "        return self": "        self.limit = 3\n        return self",
            },
            True,
        ),
        (
            {
                "= seconds": "= 1",
                "        return self": "        self.limit += 3\n        return self",
            },
            True,
        ),
    ],
)
def test_what_both_versions_set_and_read_otherwise_is_told(
    changes: dict[str, str], *, is_told: bool
) -> None:
    after = TIMER
    for old, new in changes.items():
        after = after.replace(old, new)

    found = [*set_otherwise(ast.parse(TIMER), ast.parse(after))]

    what = "`left` of `Timer` goes by the flag as it is, and reads `limit`, which `__init__` set"
    assert [line.split(" by the flag as it was")[0] for line in found] == [what] * is_told


def test_what_a_base_sets_otherwise_is_told_of_the_class_that_reads_it() -> None:
    before = TIMER.replace("    def left", "\nclass Own(Timer):\n    def left")
    after = before.replace("= seconds", "= -seconds").replace("limit -", "limit +")

    (told,) = set_otherwise(ast.parse(before), ast.parse(after))

    assert told.startswith("`left` of `Own` goes by the flag as it is, and reads `limit`")


def test_methods_that_have_to_fit_earlier_ones_are_told() -> None:
    before = (
        "class Lock:\n    def __enter__(self):\n        return 1\n\n    def __exit__(self, *_):\n"
        "        return 2\n\n    def __hash__(self):\n        return 3\n"
    )
    after = before.replace("return ", "return 1 + ")

    assert [*changed_pairs(ast.parse(before), ast.parse(before))] == []
    assert [line[:32] for line in changed_pairs(ast.parse(before), ast.parse(after))] == [
        "`__hash__` of `Lock` asks at eac",
        "`__enter__` and `__exit__` of `L",
    ]


GIVEN = """\
def reader(conf):
    new_on = is_enabled("a.b")

    def read(key):
        if new_on:
            return low[norm(key)]
        return conf[norm(key)]

    {end}


def norm(key):
    if is_enabled("a.b"):
        return key.upper()
    return key
"""


@pytest.mark.parametrize(
    ("end", "is_told"),
    [
        ("return read", True),
        ("return partial(read, 1)", True),
        ("wrapped = wraps(conf)(read)\n    return wrapped", True),
        ("conf.read = read", True),
        ("return Reader(read)", True),
        ("return [read, 1]", True),
        ("return read(1)", False),
        ("return sorted(conf, key=read)", False),
        ("print(read)", False),
    ],
)
def test_what_is_given_back_and_goes_by_an_old_answer_is_told(end: str, *, is_told: bool) -> None:
    tree = ast.parse(GIVEN.format(end=end))

    assert [*handed_back(tree, ('is_enabled("a.b")', "new_on"))] == [
        "`reader` gives back `read`, which goes by the flag as it was then, and uses `norm`, which "
        "asks anew: what lives through a switch does half of each version, so let nothing of it "
        "live that long, e.g. restart"
    ] * is_told


@pytest.mark.parametrize(
    ("body", "is_told"),
    [
        (
            "if is_enabled('a.b'):\n        class Own: x = 1\n"
            "    else:\n        class Own: x = 2\n",
            True,
        ),
        ("x = 1 if is_enabled('a.b') else 2\n    class Own: pass\n", False),
        ("class Own:\n        def run(self):\n            return is_enabled('a.b')\n", False),
    ],
)
def test_a_class_that_the_answer_chooses_is_told(body: str, *, is_told: bool) -> None:
    text = f"def made(n):\n    {body}    return Own()\n"

    assert [*handed_back(ast.parse(text), ('is_enabled("a.b")', "new_on"))] == [
        "`made` gives back `Own`, which goes by the flag as it was then: a switch counts for what "
        "it gives back from then on"
    ] * is_told
