"""A signature that changes in the middle: what the callers that change with it hand over."""

import tomllib
from pathlib import Path

import pytest

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
OLD = """\
def total(net, rate=1):
    return net * rate


class Box:
    def __init__(self, size, key=1):
        self.size = size, key

    def open(self, key, how=1):
        return key, how
"""
FUNCTION = OLD.replace("net, rate=1", "net, kind=0, rate=1")
METHOD = OLD.replace("key, how=1", "key, mode=0, how=1")
MADE = OLD.replace("size, key=1", "size, kind=0, key=1")
USER = "from shop.box import Box, total\n\n\ndef use(box, more):\n    return {}\n"


def plan(new: str, call: str, other: str) -> str:
    """The wrapped file of a change with a caller in another file."""
    texts = {"shop/box.py": (OLD, new), "shop/use.py": (USER.format(call), USER.format(other))}
    files = tuple(
        FileChange(path=path, kind="modified", before=before.encode(), after=after.encode())
        for path, (before, after) in texts.items()
        if before != after
    )
    wrapped = wrap_change(
        Change(base="diff", head="diff", files=files, digest="0" * 64),
        flag="new-tax",
        convention=CONVENTION,
        policy=POLICY,
        modules={path: after.encode() for path, (_, after) in texts.items()},
    )
    return (wrapped.files[0].text or b"").decode()


@pytest.mark.parametrize(
    ("new", "call", "other"),
    [
        (FUNCTION, "total(1)", "total(2)"),
        (FUNCTION, "total(1, 2)", "total(1, 2)"),
        (FUNCTION, "total(1, rate=2)", "total(2, rate=more)"),
        (FUNCTION, "total(*more)", "total(*more) + 1"),
        (METHOD, "box.open(1)", "box.open(1, how=2)"),
        (METHOD, "Box.open(box, 1)", "Box.open(box, 2)"),
        (METHOD, "Box(1).open(1)", "Box(1).open(2)"),
        (MADE, "Box(1)", "Box(2)"),
        (MADE, "type(box)(1)", "type(box)(2)"),
        (MADE, "more[0](1, 2)", "more[0](1, 2) + 1"),
    ],
)
def test_a_call_that_means_the_same_to_both_is_not_in_the_way(
    new: str, call: str, other: str
) -> None:
    assert "*args, **kwargs" in plan(new, call, other)


@pytest.mark.parametrize(
    ("new", "call", "other"),
    [
        (FUNCTION, "total(1, 2)", "total(1, 0, 2)"),
        (FUNCTION, "total(1, 2)", "total(1, 3)"),
        (FUNCTION, "total(1)", "total(*more)"),
        (FUNCTION, "total(1)", "total(1, **more)"),
        (FUNCTION, "[*map(total, more)]", "[*map(total, more, more)]"),
        (METHOD, "box.open(1, 2)", "box.open(1, 0, 2)"),
        (METHOD, "Box.open(box, 1, 2)", "Box.open(box, 1, 0, 2)"),
        (MADE, "Box(1, 2)", "Box(1, 0, 2)"),
        (MADE, "type(box)(1, 2)", "type(box)(1, 0, 2)"),
        (MADE, "more[0](1, 2)", "more[0](1, 0, 2)"),
        (MADE, "more(1, 2)", "more(1, 0, 2)"),
    ],
)
def test_a_caller_that_changes_with_it_is(new: str, call: str, other: str) -> None:
    with pytest.raises(CannotWrap) as caught:
        plan(new, call, other)

    assert caught.value.category == "signature"


THROUGH = "from shop.box import total\n\n\ndef sums(net, **kw):\n    return total(net, **{})\n"


@pytest.mark.parametrize(
    ("through", "call", "other", "is_wrapped"),
    [
        ("kw", "sums(1, rate=2)", "sums(1, kind=2)", False),
        ("kw", "sums(1, rate=2)", "sums(1, rate=2) + 1", True),
        ("kw", "print(1, rate=2)", "print(1, kind=2)", True),
        ("{'rate': 2}", "sums(1, rate=2)", "sums(1, kind=2)", True),
    ],
)
def test_a_caller_through_what_hands_on_every_name_is_as_well(
    through: str, call: str, other: str, *, is_wrapped: bool
) -> None:
    user = "from shop.sums import sums\n\n\ndef use():\n    return {}\n"
    texts = {"shop/box.py": (OLD, FUNCTION), "shop/use.py": (user.format(call), user.format(other))}
    files = tuple(
        FileChange(path=path, kind="modified", before=before.encode(), after=after.encode())
        for path, (before, after) in texts.items()
    )

    def wrapped() -> bytes:
        modules = {path: after.encode() for path, (_, after) in texts.items()}
        found = wrap_change(
            Change(base="diff", head="diff", files=files, digest="0" * 64),
            flag="new-tax",
            convention=CONVENTION,
            policy=POLICY,
            modules={**modules, "shop/sums.py": THROUGH.replace("{}", through).encode()},
        )
        return found.files[0].text or b""

    if is_wrapped:
        assert b"*args, **kwargs" in wrapped()
    else:
        with pytest.raises(CannotWrap) as caught:
            wrapped()
        assert caught.value.category == "signature"


@pytest.mark.parametrize(
    ("heirs", "is_wrapped"),
    [
        ("class Other(Far):\n{}", True),
        ("class Other(Far):\n{}\n\nclass Both(Other, Far):\n    pass\n", True),
        ("class Other(Box):\n{}", False),
        ("class Other:\n{}\n\nclass Both(Other, Box):\n    pass\n", False),
        ("class Other:\n    class Inner(Box):\n        pass\n\n{}", False),
    ],
)
def test_a_class_that_no_object_of_it_is_of_calls_others(heirs: str, *, is_wrapped: bool) -> None:
    made = "    def __init__(self):\n        super().__init__({})\n"
    user = "from shop.box import Box\nfrom far import Far\n\n\n" + heirs.format(made)
    texts = {"shop/box.py": (OLD, MADE), "shop/use.py": (user.format("1, 2"), user.format("1, 3"))}
    files = tuple(
        FileChange(path=path, kind="modified", before=before.encode(), after=after.encode())
        for path, (before, after) in texts.items()
    )
    change = Change(base="diff", head="diff", files=files, digest="0" * 64)
    modules = {path: after.encode() for path, (_, after) in texts.items()}

    if is_wrapped:
        wrap_change(change, flag="new-tax", convention=CONVENTION, policy=POLICY, modules=modules)
    else:
        with pytest.raises(CannotWrap) as caught:
            wrap_change(
                change, flag="new-tax", convention=CONVENTION, policy=POLICY, modules=modules
            )
        assert caught.value.category == "signature"
