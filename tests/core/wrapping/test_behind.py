"""Whether a change ships behind a flag already is told by wrapping it once more."""

import pytest

from flagwright.core.change import read_change
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.behind import Behind, behind, is_marked
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import KnownBases, WrappingPolicy

FLAG = "release.shop.tax"
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
OTHERS = {
    "flags.py": b"from UnleashClient import UnleashClient\n\nclient = UnleashClient('u', 'a')\n",
    "use.py": b"import shop\n\n\ndef g():\n    shop.f(1)\n",
}

ASKS = b"""from flags import client


def h():
    if client.is_enabled("release.shop.other"):
        return 1
"""
POLICY = WrappingPolicy(tests=("tests/*",), known_checks=("UnleashClient.*.is_enabled",))

FORMS = {
    "guard": ("def f(a):\n    return a\n", "def f(a):\n    return a * 2\n"),
    "default": ("def f(a, b=1):\n    return a + b\n", "def f(a, b=2):\n    return a + b\n"),
    "new parameter": ("def f(a):\n    return a\n", "def f(a, b=1):\n    return a + b\n"),
    "required": ("def f(a):\n    return a\n", "def f(a, b):\n    return a + b\n"),
    "two definitions": (
        "def _f(a, b):\n    return a\n\n\ndef g(a):\n    return _f(a, 1)\n",
        "def _f(b):\n    return b\n\n\ndef g(a):\n    return _f(a)\n",
    ),
    "constant": (
        "_L = 5\n\n\ndef f(a):\n    return a[:_L]\n",
        "_L = 9\n\n\ndef f(a):\n    return a[:_L]\n",
    ),
    "dormant": (
        "def f(a):\n    return a\n",
        "def f(a):\n    return _g(a)\n\n\ndef _g(a):\n    return 1\n",
    ),
    "kept": (
        "def f(a):\n    return _g(a)\n\n\ndef _g(a):\n    return 1\n",
        "def f(a):\n    return a\n",
    ),
    "variant": (
        "def f(a):\n    for n in a:\n        yield n\n",
        "def f(a):\n    return list(a)\n",
    ),
    "import": (
        "from a import x\n\n\ndef f(a):\n    return x(a)\n",
        "from b import x\n\n\ndef f(a):\n    return x(a)\n",
    ),
}


def changed(before: str | None, after: str | None, path: str = "shop.py") -> FileChange:
    kind = "added" if before is None else "deleted" if after is None else "modified"
    texts = [None if text is None else text.encode() for text in (before, after)]
    return FileChange(path=path, kind=kind, before=texts[0], after=texts[1])


def wrapped(*files: FileChange, policy: WrappingPolicy = POLICY) -> list[FileChange]:
    """The files as a plan leaves them."""
    there = {file.path: file.after for file in files}
    modules = {path: text for path, text in {**OTHERS, **there}.items() if text is not None}
    plan = wrap_change(
        read_change("a" * 40, "b" * 40, files),
        flag=FLAG,
        convention=CONVENTION,
        policy=policy,
        modules=modules,
    )
    there |= {file.path: file.text for file in plan.files}
    return [file.model_copy(update={"after": there[file.path], "hunks": ()}) for file in files]


def change_of(files: list[FileChange]) -> Change:
    kinds = {True: "added", False: "modified"}
    return read_change(
        "a" * 40,
        "b" * 40,
        [file.model_copy(update={"kind": kinds[file.before is None]}) for file in files],
    )


def told(files: list[FileChange], policy: WrappingPolicy = POLICY) -> Behind | None:
    return behind(change_of(files), policy=policy, modules=OTHERS | {"other.py": ASKS})


@pytest.mark.parametrize("name", FORMS)
def test_a_change_that_a_plan_has_wrapped_is_behind_its_flag(name: str) -> None:
    files = wrapped(changed(*FORMS[name]))

    assert told(files) == (Behind(FLAG) if is_marked(change_of(files)) else None)


def test_a_whole_file_that_is_new_or_kept_is_behind_the_flag_with_its_users() -> None:
    files = wrapped(
        changed(
            "from old import f\n\n\ndef g():\n    return f()\n",
            "from new import f\n\n\ndef g():\n    return f()\n",
        ),
        changed(None, "def f():\n    return 2\n", "new.py"),
        changed("def f():\n    return 1\n\n\nx = (1, 2, 3)\n", None, "old.py"),
    )

    assert told(files) == Behind(FLAG)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return a[:_L_off]", "return a[:_L]"),
        ("_L_off = 5", "_L_off = 6"),
        ("def f(a):", "print(1)\n\n\ndef f(a):"),
        ("def f(a):", "# flag release.shop.tax: on\nprint(1)\n\n\ndef f(a):"),
    ],
)
def test_marks_alone_are_never_believed(old: str, new: str) -> None:
    files = wrapped(changed(*FORMS["constant"]))
    text = (files[0].after or b"").decode()
    assert old in text
    files = [files[0].model_copy(update={"after": text.replace(old, new).encode()})]

    assert is_marked(change_of(files))
    assert told(files) is None


def test_a_change_for_which_nothing_asks_is_behind_its_flag_where_nothing_asks_at_all() -> None:
    old = "def f():\n    return 1\n"
    (file,) = wrapped(changed(old, f"{old}\n\ndef g():\n    return 2\n"))
    change = change_of([file])
    more = file.model_copy(update={"after": (file.after or b"") + b"\n\ng()\n"})

    assert behind(change, policy=POLICY, modules={}) == Behind(FLAG, is_asked=False)
    assert behind(change_of([more]), policy=POLICY, modules={}) is None


REFUNDED = """from tornado.web import RequestHandler


class Page(RequestHandler):
    def run(self):
        return 1

    def refund(self):
        return self.pay()
"""


def test_a_new_method_that_may_override_none_runs_for_whoever_calls_it() -> None:
    known = (KnownBases(bases=("tornado.*",), looked_up=("on_*",)),)
    policy = POLICY.model_copy(update={"known_bases": known})
    old = REFUNDED.split("\n    def refund", maxsplit=1)[0]
    plan = wrap_change(
        change_of([changed(old, REFUNDED)]),
        flag=FLAG,
        convention=CONVENTION,
        policy=policy,
        modules=OTHERS,
    )
    told = "`Page.refund` runs for whoever calls it, unless a base has one"
    files = [changed(old, (plan.files[0].text or b"").decode())]

    assert [(s.treatment, s.because) for s in plan.coverage] == [("dormant", told)]
    assert plan.notes == (f"shop.py: {told}: with the flag off, too",)
    assert behind(change_of(files), policy=policy, modules=OTHERS) == Behind(FLAG, is_asked=False)


def test_a_change_beside_the_wrapped_one_runs_without_the_flag() -> None:
    files = wrapped(changed(*FORMS["constant"]))
    beside = changed("def h():\n    return 1\n", "def h():\n    return 2\n", "beside.py")

    assert told(files) == Behind(FLAG)
    assert told([*files, beside]) is None


def test_a_file_that_no_flag_controls_stands_apart() -> None:
    files = wrapped(changed(*FORMS["constant"]))
    apart = changed("limit = 5\n", "limit = 9\n", "setup.cfg")

    found = told([*files, apart])

    assert found is not None
    assert (found.flag, [file.after for file in found.apart]) == (FLAG, [b"limit = 9\n"])
    assert told([apart.model_copy(update={"after": b"# flag release.shop.tax: on\n"})]) is None


def test_what_a_plan_in_part_shipped_stands_apart() -> None:
    in_part = POLICY.model_copy(update={"allow_partial": True})
    before, after = (text + "\n\nclass C(B):\n    x = 1\n" for text in FORMS["constant"])
    after = after.replace("x = 1", "x = 2")
    files = wrapped(changed(before, after), policy=in_part)

    found = told(files, in_part)

    assert found is not None
    assert [file.after for file in found.apart] == [before.replace("x = 1", "x = 2").encode()]
    assert told(files) is None


@pytest.mark.parametrize(
    "mark",
    [
        b"# flag caf\xe9: on",
        b"# flag \xff\xfe: off (file)",
        b"# flag x: both (a=)",
        b"# flag f(: on",
    ],
)
def test_marks_that_a_stranger_wrote_are_no_flag(mark: bytes) -> None:
    text = b"# coding: latin-1\n\n\n" + mark + b"\ndef f(a=...):\n    return a\n"
    file = changed("def f(a=1):\n    return a\n", "").model_copy(update={"after": text})

    assert is_marked(change_of([file]))
    assert told([file]) is None
