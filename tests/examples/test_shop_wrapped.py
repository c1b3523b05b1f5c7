"""The shop's own tests pass with its change behind a flag, off and on, and with it retired."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flagwright.workbench.bench import Workbench
from tests.examples.test_shop import WITHOUT_PLUGINS
from tests.installation import ACTOR, Installation, approve, git, spec

pytestmark = pytest.mark.anyio

SHOP = Path(__file__).parents[2] / "examples" / "shop"
FLAG = "release.shop.volume-discount"
OLD, NEW = 307_02, 291_67
TOTAL = """
from shop.pricing import price

def test_the_price_is_that_of_the_side():
    assert price({"chair": 2}, country="DE").total == %d
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository of the shop, with its risky change in the work tree."""
    ignored = shutil.ignore_patterns("change", "__pycache__", ".pytest_cache")
    folder = shutil.copytree(SHOP, tmp_path / "shop", ignore=ignored)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "The shop")
    shutil.copytree(SHOP / "change", folder, dirs_exist_ok=True)
    return folder


@pytest.fixture
async def bench(home: Installation) -> AsyncIterator[Workbench]:
    async with home.open() as opened:
        await opened.flags.create(spec(FLAG), actor=ACTOR)
        yield opened


def own_tests(shop: Path, *, total: int, flags_on: str = "") -> None:
    """Run the shop's tests with these flags on, and ask for one price in the same process."""
    (shop / "tests" / "test_side.py").write_text(TOTAL % total)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("UNLEASH_")}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "SHOP_FLAGS_ON": flags_on, **WITHOUT_PLUGINS}
    ran = subprocess.run(
        command, cwd=shop, env=environment, capture_output=True, text=True, check=False
    )
    (shop / "tests" / "test_side.py").unlink()
    assert ran.returncode == 0, ran.stdout


async def test_the_shop_keeps_working_wrapped_off_wrapped_on_and_retired(
    bench: Workbench, shop: Path
) -> None:
    wrapping = (await bench.wrap(shop, FLAG, actor=ACTOR)).plan
    assert wrapping
    await approve(bench, wrapping.id)
    await bench.plans.apply(wrapping.id, actor=ACTOR)

    own_tests(shop, total=OLD)
    own_tests(shop, total=NEW, flags_on=FLAG)

    retirement = (await bench.retire(shop, FLAG, "on", actor=ACTOR)).plan
    assert retirement
    await approve(bench, retirement.id)
    await bench.plans.apply(retirement.id, actor=ACTOR)

    own_tests(shop, total=NEW)
    assert same(shop, SHOP / "change")


async def test_a_flag_that_is_given_up_leaves_the_shop_as_it_was(
    bench: Workbench, shop: Path
) -> None:
    for kind in ("wrap", "retire"):
        proposal = await (
            bench.wrap(shop, FLAG, actor=ACTOR)
            if kind == "wrap"
            else bench.retire(shop, FLAG, "off", actor=ACTOR)
        )
        assert proposal.plan
        await approve(bench, proposal.plan.id)
        await bench.plans.apply(proposal.plan.id, actor=ACTOR)

    own_tests(shop, total=OLD)
    for path in (SHOP / "shop").glob("*.py"):
        left = ast.parse((shop / "shop" / path.name).read_text())
        assert ast.dump(left) == ast.dump(ast.parse(path.read_text())), path


def same(folder: Path, model: Path) -> bool:
    """Whether every Python file of the model is in the folder, byte for byte."""
    return all(
        (folder / path.relative_to(model)).read_bytes() == path.read_bytes()
        for path in model.rglob("*.py")
    )
