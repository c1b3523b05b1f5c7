"""Let the old import of a name step aside, by programs that are run before, after, off and on."""

import pytest

import flagwright
from benchmarks.independent import problems
from flagwright import CannotWrap

FLAG = "shop.new-tax"
CHECK = f'client.is_enabled("{FLAG}")'
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
USE = "\n\ndef use(a):\n    {}\n"
BASE = USE.format("return [m.__name__, m.commonprefix(a)]")


def seen(program: str, *, on: bool = False) -> object:
    """What a program gives back."""
    program = program.replace("from flags import client", "")
    program = program.replace(CHECK, str(on)).replace(CHECK.replace('"', "'"), str(on))
    names: dict[str, object] = {}
    exec(compile(f"{program}\nseen = use(['ab', 'ac'])\n", "shop.py", "exec"), names)
    return names["seen"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import posixpath as m\n" + BASE, "import ntpath as m\n" + BASE),
        ("import os.path as m\n" + BASE, "import ntpath as m\n" + BASE),
        (
            "import xml.dom as m" + USE.format("return m.__name__"),
            "import xml.sax as m" + USE.format("return m.__name__"),
        ),
        (
            "import xml.dom as m, json" + USE.format("return json.dumps(m.__name__)"),
            "import json\nfrom xml import sax as m" + USE.format("return json.dumps(m.__name__)"),
        ),
        (
            "import xml.dom as xml" + USE.format("return xml.__name__"),
            "import xml.dom" + USE.format("return xml.__name__"),
        ),
        (
            "import xml.dom as xml" + USE.format("return xml.__name__"),
            "import xml" + USE.format("return xml.__name__"),
        ),
        (
            "import xml" + USE.format("return xml.__name__"),
            "import xml.dom as xml" + USE.format("return xml.__name__"),
        ),
    ],
)
def test_one_name_of_two_modules_means_that_of_its_side(before: str, after: str) -> None:
    assert seen(before) != seen(after)

    text = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)

    assert isinstance(text, str)
    assert problems(before, after, text, FLAG, CHECK) == []
    for version, on in ((before, False), (after, True)):
        assert seen(text, on=on) == seen(version)
        assert seen(flagwright.project(text, flag=FLAG, on=on)) == seen(version)


@pytest.mark.parametrize("use", ["return xml.__name__", "return [xml.__name__]"])
def test_a_part_under_the_name_of_its_package_is_not_the_package(use: str) -> None:
    before = "import xml.dom" + USE.format("return xml.__name__")
    after = "import xml.dom as xml" + USE.format(use)
    assert seen(before) != seen(after)

    with pytest.raises(CannotWrap, match="another place"):
        flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
