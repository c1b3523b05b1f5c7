"""Where the import of the flag client stands: ruff, which sorts imports, has to agree."""

import subprocess
import sys

import pytest

import flagwright
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy

FLAG = "shop.new-tax"
CONVENTION = {"import": "from shop.flags import client", "check": 'client.is_enabled("{flag}")'}
BODY = "\n\ndef price(goods):\n    return goods + {}\n"
HEADS = {
    "standard library only": "import os\nfrom pathlib import Path\n",
    "after the future": '"""Prices."""\n\nfrom __future__ import annotations\n',
    "between": "import os\n\nfrom shop.cart import Cart\nfrom shop.models import Item\n",
    "first": "import os\n\nfrom shop.models import (\n    Item,\n    Order,\n)\n",
    "last": "from shop.cart import Cart\nfrom shop.cart.lines import Line\n",
    "above what is relative": "import os\n\nimport attrs\n\nfrom .cart import Cart\n",
    "below lines of import": "import shop.app\nfrom shop.cart import Cart\n",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_sorter_of_imports_agrees(head: str) -> None:
    before, after = head + BODY.format(1), head + BODY.format(2)
    assert is_sorted(before)

    wrapped = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)

    assert is_sorted(wrapped)
    assert flagwright.project(wrapped, flag=FLAG, on=False) == before
    assert flagwright.project(wrapped, flag=FLAG, on=True) == after


@pytest.mark.parametrize(
    "head",
    [
        "from shop.cart import Cart\nfrom shop.models import *\n",
        "from shop.models import Item\nfrom shop.cart import Cart\n",
        "import os\n\n# What is sold.\nfrom shop.models import Item\n",
    ],
    ids=["a star may replace it", "out of order", "a comment belongs to the first"],
)
def test_else_it_stands_last(head: str) -> None:
    before, after = head + BODY.format(1), head + BODY.format(2)

    wrapped = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)

    assert wrapped.startswith(head + CONVENTION["import"] + "\n\n\n")


def test_a_mark_above_an_import_parts_no_package() -> None:
    head = "import os\n\nfrom shop.cart import Cart\nfrom shop.models import {}\n"
    body = "\n\ndef price(goods):\n    return {}(goods)\n"
    before, after = (head.format(name) + body.format(name) for name in ("old", "new"))

    wrapped = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)

    assert f"# flag {FLAG}" in wrapped
    assert f"import Cart\n{CONVENTION['import']}\n# flag {FLAG}" in wrapped
    assert flagwright.project(wrapped, flag=FLAG, on=False) == before
    assert flagwright.project(wrapped, flag=FLAG, on=True) == after


def is_sorted(text: str) -> bool:
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "I", "--quiet"]
    ours = [
        "--config",
        'lint.isort.known-first-party=["shop"]',
        "--stdin-filename",
        "price.py",
        "-",
    ]
    return not subprocess.run([*ruff, *ours], input=text.encode(), check=False).returncode


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("import click\n", "import click\n\nfrom shop.flags import client\n\n\n"),
        ("import os\n\nimport click\n", "import click\n\nfrom shop.flags import client\n\n\n"),
        ("from web import Page\n", "from web import Page\nfrom shop.flags import client\n\n\n"),
    ],
)
def test_it_stands_apart_from_what_the_repository_does_not_have(head: str, line: str) -> None:
    texts = [(head + BODY.format(n)).encode() for n in (1, 2)]
    file = FileChange(path="shop/price.py", kind="modified", before=texts[0], after=texts[1])

    plan = wrap_change(
        Change(base="diff", head="diff", files=(file,), digest="0" * 64),
        flag=FLAG,
        convention=Convention(import_line=CONVENTION["import"], check=CONVENTION["check"]),
        policy=WrappingPolicy(),
        modules={"shop/price.py": texts[1], "shop/flags.py": b"client = 1\n", "web/a.py": b""},
    )

    wrapped = plan.files[0].text or b""
    assert line in wrapped.decode()
    assert flagwright.project(wrapped, flag=FLAG, on=False) == texts[0]
    assert flagwright.project(wrapped, flag=FLAG, on=True) == texts[1]
