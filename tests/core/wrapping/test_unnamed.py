"""Files that no `import` can name: what they do at their top is nobody's import."""

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
OLD = "def net(a):\n    return a\n"
USER = "from shop.box import net\n\nprint(net(1))\n"


def plan(**others: str) -> str:
    """The wrapped file beside others."""
    files = {
        "shop/__init__.py": "",
        "shop/box.py": OLD.replace("return a", "return 2 * a"),
        **others,
    }
    file = FileChange(
        path="shop/box.py",
        kind="modified",
        before=OLD.encode(),
        after=files["shop/box.py"].encode(),
    )
    wrapped = wrap_change(
        Change(base="diff", head="diff", files=(file,), digest="0" * 64),
        flag="new-tax",
        convention=CONVENTION,
        policy=POLICY,
        modules={p: text.encode() for p, text in files.items()},
    )
    return (wrapped.files[0].text or b"").decode()


@pytest.mark.parametrize("path", ["tutorial/01_first.py", "make-report.py", "a/b c/x y.py"])
def test_what_no_import_can_name_is_a_program(path: str) -> None:
    assert "client.is_enabled" in plan(**{path: USER})


@pytest.mark.parametrize(
    "others",
    [
        {"tutorial/first.py": USER},
        {"shop/01_first.py": USER},
        {"shop/migrations/__init__.py": "", "shop/migrations/0001_first.py": USER},
        {"tutorial/01_first.py": USER, "shop/more.py": "def f(load):\n    load('01_first')\n"},
        {"tutorial/01_first.py": USER, "run.py": "import runpy\n\nrunpy.run_path(input())\n"},
        {
            "plugins/my-tax.py": USER,
            "shop/load.py": "from importlib.util import spec_from_file_location as at\n",
        },
    ],
)
def test_what_may_be_found_in_another_way_is_none(others: dict[str, str]) -> None:
    with pytest.raises(CannotWrap) as refusal:
        plan(**others)

    assert refusal.value.category == "import-time"
