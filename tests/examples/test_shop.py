"""The example application works: before its change, after it, wrapped off and on, and retired."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import flagwright

FLAG = "release.shop.volume-discount"
CONVENTION = {
    "import": "from shop.flags import client",
    "check": 'client.is_enabled("{flag}")',
}
SHOP = Path(__file__).parents[2] / "examples" / "shop"
WITHOUT_FLAG_SERVER = {
    name: value for name, value in os.environ.items() if not name.startswith("UNLEASH_")
}
WITHOUT_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""The shop's own tests need none, and those of this project's tests take longer than they do."""


def copy(target: Path) -> Path:
    """The shop alone, without its change, as a team would have it in a repository."""
    ignored = shutil.ignore_patterns("change", "__pycache__", ".pytest_cache")
    return shutil.copytree(SHOP, target, ignore=ignored)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return copy(tmp_path / "shop")


def change(shop: Path) -> None:
    shutil.copytree(SHOP / "change", shop, dirs_exist_ok=True)


def changed() -> list[str]:
    """Paths of the files that the change touches."""
    return sorted(
        path.relative_to(SHOP / "change").as_posix() for path in (SHOP / "change").rglob("*.py")
    )


def wrap(shop: Path) -> None:
    """Put the change behind a flag."""
    for path in changed():
        before, after = (SHOP / path).read_bytes(), (SHOP / "change" / path).read_bytes()
        wrapped = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
        (shop / path).write_bytes(wrapped)


def own_tests(shop: Path, flags_on: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = WITHOUT_FLAG_SERVER | {"SHOP_FLAGS_ON": flags_on, **WITHOUT_PLUGINS}
    return subprocess.run(
        command, cwd=shop, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module", params=["before", "after"])
def address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """Which version of the shop is served, and where."""
    shop = copy(tmp_path_factory.mktemp("served") / "shop")
    if request.param == "after":
        change(shop)
    command = [sys.executable, "-m", "shop", "--port", "0"]
    with subprocess.Popen(
        command, cwd=shop, env=WITHOUT_FLAG_SERVER, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        lines = (re.search(r"running on (http://\S+)", line) for line in process.stderr)
        yield request.param, next(found[1] for found in lines if found)
        process.terminate()


def test_its_own_tests_pass_before_the_change(shop: Path) -> None:
    ran = own_tests(shop)

    assert ran.returncode == 0, ran.stdout


def test_its_own_tests_pass_after_the_change(shop: Path) -> None:
    change(shop)

    ran = own_tests(shop)

    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("flags_on", ["", FLAG])
def test_its_own_tests_pass_with_the_change_wrapped(shop: Path, flags_on: str) -> None:
    wrap(shop)

    ran = own_tests(shop, flags_on)

    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("on", [False, True])
def test_its_own_tests_pass_with_the_flag_retired(shop: Path, *, on: bool) -> None:
    wrap(shop)
    kept = SHOP / "change" if on else SHOP
    for path in changed():
        retired = flagwright.project((shop / path).read_bytes(), flag=FLAG, on=on)
        assert ast.dump(ast.parse(retired)) == ast.dump(ast.parse((kept / path).read_bytes()))
        (shop / path).write_bytes(retired)

    ran = own_tests(shop)

    assert ran.returncode == 0, ran.stdout


def test_the_change_touches_existing_code_and_no_test() -> None:
    assert changed() == ["shop/checkout.py", "shop/pricing.py"]
    assert all((SHOP / path).is_file() for path in changed())


def test_a_large_basket_costs_less_after_the_change(address: tuple[str, str]) -> None:
    version, url = address

    answer = httpx.get(f"{url}/price", params={"sku": "chair", "count": 2, "country": "DE"})

    assert answer.json()["total"] == {"before": 307_02, "after": 291_67}[version]


def test_a_late_provider_is_asked_again_after_the_change(address: tuple[str, str]) -> None:
    version, url = address

    answer = httpx.post(f"{url}/checkout", json={"basket": {"mug": 1}, "token": "tok_late_once"})

    assert answer.status_code == {"before": 503, "after": 201}[version]


@pytest.mark.parametrize("path", ["/health", "/products"])
def test_the_rest_answers_as_it_always_did(address: tuple[str, str], path: str) -> None:
    _, url = address

    assert httpx.get(url + path).is_success
