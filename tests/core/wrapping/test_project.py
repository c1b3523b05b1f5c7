"""Taking a flag out of code that people wrote, and leaving alone what does not fold for certain."""

import pytest

import flagwright
from flagwright import CannotWrap

CHECK = 'client.is_enabled("new-tax")'


@pytest.mark.parametrize(
    ("source", "on", "off"),
    [
        (f"if {CHECK}:\n    a()\nelse:\n    b()\n", "a()\n", "b()\n"),
        (f"if not {CHECK}:\n    b()\n", "\n", "b()\n"),
        (
            f"if x:\n    a()\nelif {CHECK}:\n    b()\nelse:\n    c()\n",
            "if x:\n    a()\nelse:\n    b()\n",
            "if x:\n    a()\nelse:\n    c()\n",
        ),
        (f"if {CHECK}:\n    a()\nelif x:\n    b()\n", "a()\n", "if x:\n    b()\n"),
        (f"if {CHECK} and x:\n    a()\n", "if x:\n    a()\n", "\n"),
        (
            f"if x() and {CHECK}:\n    a()\n",
            "if x():\n    a()\n",
            "if x() and False:\n    a()\n",
        ),
        (f"if {CHECK} or x():\n    a()\n", "a()\n", "if x():\n    a()\n"),
        (f"if {CHECK} is True:\n    a()\n", "a()\n", "\n"),
        (f"if {CHECK} == False:\n    a()\n", "\n", "a()\n"),
        (
            f"if {CHECK}:\n    from a import b\nelse:\n    from c import b\n",
            "from a import b\n",
            "from c import b\n",
        ),
        (
            'from team import flag_enabled\n\n\n@flag_enabled("new-tax")\ndef f(): ...\n',
            'from team import flag_enabled\n\n\n@flag_enabled("new-tax")\ndef f(): ...\n',
            'from team import flag_enabled\n\n\n@flag_enabled("new-tax")\ndef f(): ...\n',
        ),
        (f"a = 1 if {CHECK} else 2\n", "a = 1\n", "a = 2\n"),
        (
            f"a = [x for x in y if {CHECK} if x]\n",
            "a = [x for x in y if x]\n",
            "a = [x for x in y if False if x]\n",
        ),
        (
            f"def f():\n    on = {CHECK}\n    if on:\n        a()\n    return on\n",
            "def f():\n    a()\n    return True\n",
            "def f():\n    return False\n",
        ),
        (
            f"def f():\n    off = not {CHECK}\n    if off:\n        a()\n",
            "def f():\n    pass\n",
            "def f():\n    a()\n",
        ),
        (
            f"async def f():\n    if await {CHECK}:\n        a()\n",
            "async def f():\n    a()\n",
            "async def f():\n    pass\n",
        ),
        (f"while {CHECK}:\n    a()\n", "while True:\n    a()\n", "\n"),
        (
            f"def f():\n    # why\n    if {CHECK}:\n        # new\n        a()\n    "
            "else:\n        # old\n        b()\n",
            "def f():\n    # why\n    # new\n    a()\n",
            "def f():\n    # why\n    # old\n    b()\n",
        ),
        (
            f"from old import b\nfrom new import a\nif {CHECK}:\n    a()\nelse:\n    b()\n",
            "from new import a\na()\n",
            "from old import b\nb()\n",
        ),
        ('if FLAGS["new-tax"]:\n    a()\n', "a()\n", "\n"),
        ('if client.is_enabled("other") and "new-tax" in x:\n    a()\n', None, None),
        ('create_flag("new-tax")\n', None, None),
    ],
)
def test_hand_written_checks_fold(source: str, on: str | None, off: str | None) -> None:
    assert flagwright.project(source, flag="new-tax", on=True) == (source if on is None else on)
    assert flagwright.project(source, flag="new-tax", on=False) == (source if off is None else off)


def test_a_local_that_is_bound_twice_keeps_its_answer_as_a_constant() -> None:
    source = f"def f(x):\n    on = {CHECK}\n    on = on and x\n    return on\n"

    assert flagwright.project(source, flag="new-tax", on=False) == (
        "def f(x):\n    on = False\n    on = on and x\n    return on\n"
    )


def test_names_of_other_things_are_never_folded() -> None:
    source = (
        f"def f(self, x):\n    on = {CHECK}\n    self.on = x.on(on=x)\n"
        "    g = lambda on: on\n    def h(on):\n        return on\n    return g, h, on\n"
    )

    assert flagwright.project(source, flag="new-tax", on=True) == (
        "def f(self, x):\n    self.on = x.on(on=x)\n"
        "    g = lambda on: on\n    def h(on):\n        return on\n    return g, h, True\n"
    )


def test_a_file_of_the_other_side_becomes_empty_and_one_of_this_side_loses_its_mark() -> None:
    source = "#!/usr/bin/env python\n# flag new-tax: on (file)\nimport os\n"

    assert flagwright.project(source, flag="new-tax", on=False) == ""
    assert (
        flagwright.project(source, flag="new-tax", on=True) == "#!/usr/bin/env python\nimport os\n"
    )


def test_a_file_without_the_flag_comes_back_unread() -> None:
    assert flagwright.project("not python (", flag="new-tax", on=True) == "not python ("


def test_a_file_that_does_not_parse_is_refused() -> None:
    with pytest.raises(CannotWrap) as caught:
        flagwright.project("if new-tax (", flag="new-tax", on=True)

    assert caught.value.category == "unparsable"


def test_flags_whose_names_begin_alike_are_told_apart() -> None:
    source = 'if c.is_enabled("new-tax-2"):\n    a()\n# flag new-tax-2: on\ndef f(): pass\n'

    assert flagwright.project(source, flag="new-tax", on=False) == source


@pytest.mark.parametrize(
    ("before", "old_names", "after", "new_names"),
    [
        (
            "from shop import (\n    a,\n    b,\n    c,\n)\n",
            "a, b, c",
            "from shop import (\n    a,\n    c,\n)\n",
            "a, c",
        ),
        (
            "from shop import (\n    a,\n    b,\n)\n",
            "a, b",
            "from shop import (\n    b,\n    c,\n)\n",
            "b, c",
        ),
        ("from shop import a, b\n", "a, b", "from shop import b\n", "b"),
        ("from .shop import a\n", "a", "from .shop import b, c\n", "b, c"),
        (
            "import os\n\nfrom shop import a\n",
            "a, os",
            "import os\n\nimport ast\nfrom shop import a\n",
            "a, os, ast",
        ),
    ],
)
def test_united_imports_give_both_versions_back_byte_for_byte(
    before: str, old_names: str, after: str, new_names: str
) -> None:
    body = "\n\ndef f():\n    return [{}]\n"
    old, new = before + body.format(old_names), after + body.format(new_names)
    convention = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}

    wrapped = flagwright.wrap(old, new, flag="new-tax", convention=convention)

    assert flagwright.project(wrapped, flag="new-tax", on=False) == old
    assert flagwright.project(wrapped, flag="new-tax", on=True) == new
