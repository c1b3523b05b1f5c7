"""Switch the flag between a caller and a function that only one version of the call fits."""

import itertools
import random
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from benchmarks.independent import problems
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.project import project
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CHECK = 'client.is_enabled("new-tax")'
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
SHAPES = [
    ("net, rate=1", "1, 2", "net, *, kind, rate", "1, kind=2, rate=3"),
    ("net, rate=1", "1, 2", "net, kind, rate", "1, 5, 2"),
    ("net, rate", "1, rate=2", "net, kind", "1, kind=2"),
    ("net, rate, kind", "1, 2, 3", "net, kind", "1, 3"),
    ("net, rate, kind", "1, 2, 3", "net, *, rate, late", "1, rate=2, late=3"),
    ("*, net, rate", "net=1, rate=2", "*, net, kind=3", "net=1, kind=2"),
    ("net, rate=1, *more", "1", "net, *, kind, rate=1", "1, kind=2"),
    ("net, *, late, rate=1", "1, late=2", "net, kind, *, rate=1", "1, 2, rate=3"),
    ("net, *, late, **more", "1, late=2", "net, *, kind, **more", "1, kind=2"),
    ("net, late, *more", "1, 2, 3", "net, *, kind", "1, kind=3"),
    ("net, rate=1", "1", "net, kind, rate=1", "1, 2, rate=3"),
    ("net, *, rate=1, **more", "1, rate=2", "net, kind, *, rate=1, **more", "1, 2, rate=3"),
    ("net, rate=1, **more", "1, rate=2, way=3", "net, way, rate, late", "1, 2, 3, 4"),
]
OTHERS = (("net, rate=1", "old", "1, 2"), ("net, kind, rate", "new", "1, 5, 2"))
USE = "from shop.box import total\n\n\ndef use(more):\n    return total({})\n"


def wrapped(texts: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Each file of a change as it is wrapped."""
    files = tuple(
        FileChange(path=path, kind="modified", before=before.encode(), after=after.encode())
        for path, (before, after) in texts.items()
        if before != after
    )
    found = wrap_change(
        Change(base="diff", head="diff", files=files, digest="0" * 64),
        flag="new-tax",
        convention=CONVENTION,
        policy=POLICY,
        modules={path: after.encode() for path, (_, after) in texts.items()},
    )
    return {file.path: (file.text or b"").decode() for file in found.files}


def function(parameters: str, word: str) -> str:
    return f"def total({parameters}):\n    return {word!r}, sorted(locals().items())\n"


def answers(parameters: str, word: str) -> Callable[..., Any]:
    space: dict[str, Any] = {}
    exec(function(parameters, word).replace("sorted(locals().items())", "1"), space)
    return space["total"]  # type: ignore[no-any-return] # what was defined


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A flag client that says what it is told to, one answer for each question."""
    found = SimpleNamespace(answers=iter(()))
    found.is_enabled = lambda _: next(found.answers)
    module = ModuleType("flags")
    module.__dict__["client"] = found
    monkeypatch.setitem(sys.modules, "flags", module)
    return found


@pytest.mark.parametrize(("old", "call", "new", "other"), SHAPES)
def test_a_caller_meets_the_version_that_it_was_written_for(
    client: SimpleNamespace, old: str, call: str, new: str, other: str
) -> None:
    texts = {
        "shop/box.py": tuple(
            f"def total({own}):\n    return {word!r}\n"
            for own, word in ((old, "old"), (new, "new"))
        ),
        "shop/use.py": (USE.format(call), USE.format(other)),
    }
    found = wrapped(texts)  # type: ignore[arg-type] # pairs
    space: dict[str, Any] = {}
    exec(found["shop/box.py"], space)
    exec(found["shop/use.py"].replace("from shop.box import total\n", ""), space)

    for asked, then in itertools.product((False, True), repeat=2):
        client.answers = itertools.chain((asked,), itertools.repeat(then))
        assert space["use"](()) == ("new" if asked else "old")
    for path, (before, after) in texts.items():
        assert not problems(before, after, found[path], "new-tax", CHECK)
        assert project(found[path], flag="new-tax", on=True) == after
        assert project(found[path], flag="new-tax", on=False) == before
    for on, own in ((False, old), (True, new)):
        _takes_what_its_version_takes(space["total"], own, client, on=on)


def _takes_what_its_version_takes(
    total: Callable[..., Any], parameters: str, client: SimpleNamespace, *, on: bool
) -> None:
    word = "new" if on else "old"
    version = answers(parameters, word)
    for count in range(6):
        for size in range(5):
            names = ("net", "rate", "kind", "way", "late")
            for named in itertools.combinations(names, size):
                client.answers = itertools.repeat(on)
                try:
                    version(*range(count), **dict.fromkeys(named, 1))
                except TypeError:
                    continue
                assert total(*range(count), **dict.fromkeys(named, 1)) == word


@pytest.mark.parametrize(
    ("given", "more", "told"),
    [
        ("1", "1, kind=2", 'if (client.is_enabled("new-tax") or "kind" in kwargs) and (args'),
        ("1, rate=1", "1, 2", 'or args) and (args or "kind" in kwargs):'),
        ("1", "1, 2", '(client.is_enabled("new-tax") or args) and (args or "kind" in kwargs)'),
    ],
)
def test_a_call_shows_by_what_it_lacks_which_version_it_is_for(
    client: SimpleNamespace, given: str, more: str, told: str
) -> None:
    inner = "    def made():\n        def late():\n            return {}\n\n        return late\n\n"
    text = "def total({}, *, rate=1):\n    net = {}\n\n" + inner + "    return made()()\n\n\n"
    use = "def use(more):\n    return total({})\n"
    before = text.format("net", "net", "net") + use.format(given)
    after = text.format("net, kind", "net * 10", "net + kind") + use.format(more)
    found = wrapped({"shop/box.py": (before, after)})["shop/box.py"]

    assert told in found
    assert not problems(before, after, found, "new-tax", CHECK)
    space: dict[str, Any] = {}
    exec(found, space)
    for asked, then in itertools.product((False, True), repeat=2):
        client.answers = itertools.chain((asked,), itertools.repeat(then))
        assert space["use"](()) == (12 if asked else 1)


@pytest.mark.parametrize(
    ("old", "call", "new", "other"),
    [
        ("net, rate=1", "1, 2", "net, kind=0, rate=1", "1, 0, 2"),
        ("net, rate=1, **more", "1", "net, kind=0, rate=1, **more", "1, kind=2"),
        ("net, *more", "1, 2", "net, kind, *more", "1, 2, 3"),
        ("net, rate=1", "1", "net, kind, rate=1", "1, **more"),
        ("net, rate=1", "*more", "net, kind, rate=1", "1, 2"),
    ],
)
def test_a_call_that_both_versions_may_take_is_in_the_way(
    old: str, call: str, new: str, other: str
) -> None:
    with pytest.raises(CannotWrap) as caught:
        wrapped(
            {
                "shop/box.py": (function(old, "old"), function(new, "new")),
                "shop/use.py": (USE.format(call), USE.format(other)),
            }
        )
    assert caught.value.category == "signature"


@pytest.mark.parametrize("error", ["TypeError", "Exception", "(KeyError, TypeError)", ""])
def test_who_tries_what_a_function_takes_is_in_the_way(error: str) -> None:
    tried = USE.format("1, kind=2").replace("    return", "    try:\n        return")
    tried += f"    except {error}:\n        return total(1)\n".replace(" :", ":")
    texts = {
        "shop/box.py": (function("net, rate=1", "old"), function("net, kind=0, rate=1", "new")),
        "shop/use.py": (USE.format("1"), USE.format("1, kind=2")),
    }
    assert '"kind" in kwargs' in wrapped(texts)["shop/box.py"]

    with pytest.raises(CannotWrap) as caught:
        wrapped({**texts, "shop/other.py": (tried, tried)})
    assert caught.value.category == "signature"
    with pytest.raises(CannotWrap):
        wrapped({**texts, "shop/other.py": (tried, tried.replace("kind=2", "2, 3"))})


@pytest.mark.parametrize("error", [" TypeError", " BaseException", ""])
def test_who_tries_what_its_own_version_takes_finds_nothing_out(
    client: SimpleNamespace, error: str
) -> None:
    tried = "def use(more):\n    try:\n        return total({})\n"
    tried += f"    except{error}:\n        return 0\n"
    before, after = (
        f"def total({own}):\n    return {word!r}\n\n\n" + tried.format(given)
        for own, word, given in OTHERS
    )
    found = wrapped({"shop/box.py": (before, after)})["shop/box.py"]

    space: dict[str, Any] = {}
    exec(found, space)
    for asked, then in itertools.product((False, True), repeat=2):
        client.answers = itertools.chain((asked,), itertools.repeat(then))
        assert space["use"](()) == ("new" if asked else "old")
    assert not problems(before, after, found, "new-tax", CHECK)


def test_a_name_that_hides_the_length_of_what_is_given_is_in_the_way() -> None:
    old, new = (function(own, "1") for own in ("net, rate=1", "net, kind, rate"))
    with pytest.raises(CannotWrap):
        wrapped(
            {
                "shop/box.py": ("len = max\n" + old, "len = max\n" + new),
                "shop/use.py": (USE.format("1, 2"), USE.format("1, 5, 2")),
            }
        )


@pytest.mark.parametrize(
    ("top", "first", "returns", "said"),
    [
        (
            "from typing import Any",
            "net: int",
            "str",
            "net: int, *args: Any, **kwargs: Any) -> str",
        ),
        (
            "from typing import Any",
            "net: int",
            "bool",
            "net: int, *args: Any, **kwargs: Any) -> Any",
        ),
        (
            "from typing import Any",
            "net: str",
            "str",
            "net: Any, *args: Any, **kwargs: Any) -> str",
        ),
        ("from typing import Any", "net", "str", "net: Any, *args: Any, **kwargs: Any) -> str"),
        ("import typing", "net: int", "str", "net: int, *args, **kwargs) -> str"),
        ("import typing", "net: str", "bool", "net, *args, **kwargs)"),
        (
            "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
            "if TYPE_CHECKING:\n    from typing import Any",
            "net: int",
            "bool",
            "net: int, *args: Any, **kwargs: Any) -> Any",
        ),
        (
            "from __future__ import annotations\n\n\n"
            "def late():\n    from typing import Any\n\n    return Any",
            "net: int",
            "str",
            "net: int, *args, **kwargs) -> str",
        ),
        ("class Any: ...", "net: int", "str", "net: int, *args, **kwargs) -> str"),
        ("from shop import Any", "net: int", "str", "net: int, *args, **kwargs) -> str"),
    ],
)
def test_the_types_that_both_versions_say_stay_on_the_name(
    client: SimpleNamespace, top: str, first: str, returns: str, said: str
) -> None:
    own = f"{top}\n\n\ndef total({{}}) -> {{}}:\n    return {{}}\n\n\n"
    use = "def use(more):\n    return total({})\n"
    before = own.format("net: int, rate: int", "str", "rate") + use.format("1, 2")
    after = own.format(f"{first}, *, rate: int, kind: int", returns, "rate + kind")
    after += use.format("1, rate=3, kind=2")
    found = wrapped({"shop/box.py": (before, after)})["shop/box.py"]

    assert f"\ndef total({said}:\n" in found
    assert not problems(before, after, found, "new-tax", CHECK)
    assert project(found, flag="new-tax", on=True) == after
    assert project(found, flag="new-tax", on=False) == before
    space: dict[str, Any] = {}
    exec(found.replace("from shop import Any", "Any = int"), space)
    for asked, then in itertools.product((False, True), repeat=2):
        client.answers = itertools.chain((asked,), itertools.repeat(then))
        assert space["use"](()) == (5 if asked else 2)


@pytest.mark.parametrize(
    ("const", "other", "is_fixed"),
    [
        ("LIMIT = 3\n", "", True),
        ("LIMIT: int = -3\n", "from shop import const\n\nprint(const.LIMIT)\n", True),
        ("LIMIT = (3, 'a')\n", "", True),
        ("LIMIT = [3]\n", "", False),
        ("LIMIT = made()\n", "", False),
        ("LIMIT = 3\nLIMIT += 1\n", "", False),
        ("if more:\n    LIMIT = 3\n", "", False),
        ("LIMIT = 3\n\n\ndef f():\n    global LIMIT\n    LIMIT = 4\n", "", False),
        ("LIMIT = 3\nglobals()['LIM' + 'IT'] = 4\n", "", False),
        ("from shop.more import LIMIT\n", "", False),
        ("LIMIT = 3\n", "from shop import const\n\nconst.LIMIT = 4\n", False),
        ("LIMIT = 3\n", "from shop import const\n\nsetattr(const, 'LIMIT', 4)\n", False),
        ("LIMIT = 3\n", "from shop import const\n\nvars(const).update(LIMIT=4)\n", False),
        ("LIMIT = 3\n", "from shop import const\n\nvars(const).update(more)\n", False),
        ("LIMIT = 3\n", "import shop.const as c\n\nc.__dict__.update(more)\n", False),
        ("LIMIT = 3\n", "import shop.const as c\n\nsetattr(c, key, 4)\n", False),
        ("LIMIT = 3\n", "import shop.const\n\nload(shop.const, more)\n", False),
        ("LIMIT = 3\n", "import shop.const\n\nc = shop.const\nsetattr(c, key, 4)\n", False),
        ("LIMIT = 3\n", "from shop import const\n\nprint(const.LIMIT, const.f())\n", True),
    ],
)
def test_a_constant_of_another_file_is_made_once(
    client: SimpleNamespace, const: str, other: str, *, is_fixed: bool
) -> None:
    before, after = (
        "from shop import const\n\n\n"
        f"def total(net, {own}rate=const.LIMIT):\n    return net, rate\n\n\n"
        f"def use(more):\n    return total({given})\n"
        for own, given in (("late=1, ", "1, 2, rate=3"), ("", "1, rate=3"))
    )
    texts = {"shop/box.py": (before, after), "shop/const.py": (const, const)}
    texts |= {"shop/__init__.py": ("", ""), "shop/other.py": (other, other)}
    if not is_fixed:
        with pytest.raises(CannotWrap) as caught:
            wrapped(texts)
        assert caught.value.category == "signature"
        return
    found = wrapped(texts)["shop/box.py"]

    assert not problems(before, after, found, "new-tax", CHECK)
    space: dict[str, Any] = {}
    exec(found.replace("from shop import const", "class const: LIMIT = 7"), space)
    for asked, then in itertools.product((False, True), repeat=2):
        client.answers = itertools.chain((asked,), itertools.repeat(then))
        assert space["use"](()) == (1, 3)


@pytest.mark.parametrize("package", ["const = made()\n", "from shop.more import const\n"])
def test_what_a_package_calls_as_its_file_is_not_that_file(package: str) -> None:
    before, after = (
        f"from shop import const\n\n\ndef total(net, {own}rate=const.LIMIT):\n    return net\n"
        for own in ("late=1, ", "")
    )
    const = "LIMIT = 3\n"
    texts = {"shop/box.py": (before, after), "shop/const.py": (const, const)}
    with pytest.raises(CannotWrap):
        wrapped({**texts, "shop/__init__.py": (package, package)})


def _signature(rng: random.Random) -> str:
    """Parameters that nobody would choose, of all kinds but positional ones."""
    names = rng.sample(("net", "rate", "kind", "way", "late"), rng.randint(1, 4))
    by_place = names[: rng.randint(1, len(names))]
    required = rng.randint(0, len(by_place))
    found = [n if at < required else f"{n}=1" for at, n in enumerate(by_place)]
    by_name = [rng.choice((n, f"{n}=2")) for n in names[len(by_place) :]]
    star = "*more" if rng.random() < 0.15 else "*"
    found += [star, *by_name] if by_name or star != "*" else []
    return ", ".join([*found, "**rest"] if rng.random() < 0.15 else found)


def _takes(parameters: str, call: str) -> bool:
    space: dict[str, Any] = {}
    exec(f"def total({parameters}): ...", space)
    try:
        eval(f"total({call})", space)
    except TypeError:
        return False
    return True


def _call(rng: random.Random, parameters: str) -> str:
    while True:
        places = [str(at) for at in range(rng.randint(0, 4))]
        by_name = rng.sample(("net", "rate", "kind", "way", "late"), rng.randint(0, 3))
        call = ", ".join([*places, *(f"{name}=5" for name in by_name)])
        if _takes(parameters, call):
            return call


@pytest.mark.parametrize("seed", range(40))
def test_a_call_that_one_version_takes_gets_it_whatever_the_signatures(
    client: SimpleNamespace, seed: int
) -> None:
    rng = random.Random(seed)
    own = {word: _signature(rng) for word in ("old", "new")}
    given = {word: _call(rng, own[word]) for word in own}
    before, after = (
        function(own[word], word).replace(", sorted(locals().items())", "")
        + f"\n\ndef use(more):\n    return total({given[word]})\n"
        for word in own
    )
    try:
        found = wrapped({"shop/box.py": (before, after)})["shop/box.py"]
    except CannotWrap:
        return
    space: dict[str, Any] = {}
    exec(found, space)

    assert not problems(before, after, found, "new-tax", CHECK)
    for asked, then in itertools.product(own, repeat=2):
        client.answers = itertools.chain((asked == "new",), itertools.repeat(then == "new"))
        if asked == then or (", *)\n" in found and not _takes(own[then], given[asked])):
            assert space["use"](()) == asked
