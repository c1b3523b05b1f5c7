"""How a wrapped function asks for its flag: as the repository does, as the call says, or anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.server.mcpserver import MCPServer

from flagwright.surface.session import Session
from tests.surface.conftest import committed
from tests.surface.test_tools import refusal, said

pytestmark = pytest.mark.anyio

Serving = Callable[..., MCPServer[Session]]
FLAG = "release.shop.new-tax"
SPEC = {
    "name": FLAG,
    "description": "New tax",
    "owner": "shop",
    "expires_on": "2026-01-31",
}
VIEW = "def page(request, item):\n    return item * 1\n"
WAFFLE = "import waffle\n\n\ndef other(request):\n    waffle.flag_is_active(request, 'a.b')\n"
AWAITED = (
    "from app.flags import client\n\n\n"
    "async def other():\n    return await client.get_boolean_value_async('a.b', False)\n"
)
FLAGS = (
    "from openfeature import api\n\nclient = api.get_client()\n\n\n"
    "def is_on(name):\n    return client.get_boolean_value(name, False)\n"
)
OWN = "from app.flags import is_on\n\n\ndef other():\n    return is_on('a.b')\n"


def repository(folder: Path, before: dict[str, str], after: dict[str, str]) -> Path:
    """A repository with a change in its work tree."""
    for name, text in before.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    committed(folder)
    for name, text in after.items():
        (folder / name).write_text(text)
    return folder


async def patch(
    serving: Serving, open_bench: Any, root: Path, **arguments: str
) -> tuple[dict[str, Any], str]:
    """The answer to a wrap, and everything that the plan would write."""
    async with Client(serving(root)) as client:
        await client.call_tool("create_flag", SPEC)
        answer = said(await client.call_tool("wrap_change", {"flag": FLAG, **arguments}))
    if "plan" not in answer:
        return answer, ""
    async with open_bench() as bench:
        plan, _ = await bench.plans.one(answer["plan"])
    return answer, "".join(edit.patch for edit in plan.edits)


@pytest.mark.parametrize(
    ("there", "before", "line"),
    [
        (WAFFLE, VIEW, f'+    if waffle.flag_is_active(request, "{FLAG}"):'),
        (OWN, VIEW, f'+    if is_on("{FLAG}"):'),
        (
            AWAITED,
            f"async {VIEW}",
            f'+    if await client.get_boolean_value_async("{FLAG}", False):',
        ),
    ],
    ids=["waffle", "own", "awaited"],
)
async def test_a_wrapped_function_asks_as_the_repository_does(
    serving: Serving, open_bench: Any, tmp_path: Path, there: str, before: str, line: str
) -> None:
    files = {"app/__init__.py": "", "app/flags.py": FLAGS, "app/other.py": there}
    files["app/page.py"] = before
    root = repository(tmp_path / "r", files, {"app/page.py": before.replace("1", "2")})

    answer, written = await patch(serving, open_bench, root)

    assert answer["files"] == ["app/page.py"]
    assert line in written.splitlines()
    (told,) = [note for note in answer["notes"] if note.startswith("asks `")]
    assert "as app/other.py:" in told
    for_nobody = any(note.startswith("it asks without a user") for note in answer["notes"])
    assert for_nobody is ("request" not in line)


async def test_a_plain_function_cannot_await_and_is_told_so(
    serving: Serving, tmp_path: Path
) -> None:
    files = {"app/__init__.py": "", "app/flags.py": FLAGS, "app/other.py": AWAITED}
    files["app/page.py"] = VIEW
    root = repository(tmp_path / "r", files, {"app/page.py": VIEW.replace("1", "2")})

    async with Client(serving(root)) as client:
        await client.call_tool("create_flag", SPEC)
        result = await client.call_tool("wrap_change", {"flag": FLAG})

    assert refusal(result) == "cannot-wrap"
    assert "cannot await" in str(result.content)


async def test_a_call_may_say_how_to_ask_and_for_whom(
    serving: Serving, open_bench: Any, tmp_path: Path
) -> None:
    root = repository(tmp_path / "r", {"page.py": VIEW}, {"page.py": VIEW.replace("1", "2")})
    way = "from shop.flags import active; active('{flag}', {context})"

    _, written = await patch(serving, open_bench, root, convention=way, context="request.user")

    assert f"+    if active('{FLAG}', request.user):" in written.splitlines()
    assert "+from shop.flags import active" in written.splitlines()


@pytest.mark.parametrize(
    "arguments",
    [
        {"convention": "import os; os.system('{flag}')"},
        {"convention": "from a import b; b('{flag}', {context})", "context": "os.system('x')"},
        {"convention": "import a; b; c"},
    ],
)
async def test_what_a_call_says_is_a_question_and_nothing_more(
    serving: Serving, tmp_path: Path, arguments: dict[str, str]
) -> None:
    root = repository(tmp_path / "r", {"page.py": VIEW}, {"page.py": VIEW.replace("1", "2")})

    async with Client(serving(root)) as client:
        await client.call_tool("create_flag", SPEC)
        result = await client.call_tool("wrap_change", {"flag": FLAG, **arguments})

    assert refusal(result) in ("bad-request", "cannot-wrap")


async def test_where_nothing_asks_yet_the_plan_brings_a_module_that_does(
    serving: Serving, open_bench: Any, tmp_path: Path
) -> None:
    files = {"shop/__init__.py": "", "shop/tax/__init__.py": "", "shop/tax/page.py": VIEW}
    root = repository(tmp_path / "r", files, {"shop/tax/page.py": VIEW.replace("1", "2")})

    answer, written = await patch(serving, open_bench, root)

    assert answer["files"] == ["shop/tax/page.py", "shop/flags.py"]
    assert "shop/flags.py is new" in answer["notes"][0]
    assert "UNLEASH_URL" in answer["notes"][0]
    assert "+from shop.flags import is_enabled" in written.splitlines()
    assert f'+    if is_enabled("{FLAG}"):' in written.splitlines()


@pytest.mark.parametrize(
    "asked",
    [
        'Warehouse.objects.enabled("id")',
        'settings.FEATURES["greeting"]',
    ],
)
async def test_what_only_reads_like_a_check_is_told_and_not_used(
    serving: Serving, open_bench: Any, tmp_path: Path, asked: str
) -> None:
    like = f"from shop import Warehouse, settings\n\n\ndef pick():\n    return {asked}\n"
    files = {"app/__init__.py": "", "app/like.py": like, "app/page.py": VIEW}
    root = repository(tmp_path / "r", files, {"app/page.py": VIEW.replace("1", "2")})

    answer, written = await patch(serving, open_bench, root)

    assert answer["files"] == ["app/page.py", "app/flags.py"]
    assert f'+    if is_enabled("{FLAG}"):' in written.splitlines()
    assert "app/like.py:5" in answer["notes"][1]
    assert "--import and --check" in answer["notes"][1]


@pytest.mark.parametrize(
    "there",
    [
        {"pyproject.toml": '[project]\ndependencies = ["openfeature-sdk>=0.8"]\n'},
        {"app/provider.py": "from openfeature import api\n\napi.set_provider(None)\n"},
    ],
    ids=["required", "imported"],
)
async def test_the_module_asks_openfeature_where_the_repository_has_that(
    serving: Serving, open_bench: Any, tmp_path: Path, there: dict[str, str]
) -> None:
    files = {"app/__init__.py": "", "app/page.py": VIEW, **there}
    root = repository(tmp_path / "r", files, {"app/page.py": VIEW.replace("1", "2")})

    answer, written = await patch(serving, open_bench, root)

    assert "openfeature-sdk" in answer["notes"][0]
    assert "+        from openfeature import api" in written.splitlines()


async def test_a_function_without_whom_the_check_names_is_told_how_to_ask(
    serving: Serving, tmp_path: Path
) -> None:
    other = (
        "from UnleashClient import UnleashClient\n\nunleash = UnleashClient('u', 'a')\n\n\n"
        "def other(user):\n    return unleash.is_enabled('a.b', {'userId': user.id})\n"
    )
    files = {"app/__init__.py": "", "app/other.py": other, "app/page.py": f"X = 1\n\n\n{VIEW}"}
    new = files["app/page.py"].replace("* 1", "* 2")
    root = repository(tmp_path / "r", files, {"app/page.py": new})

    async with Client(serving(root)) as client:
        await client.call_tool("create_flag", SPEC)
        result = await client.call_tool("wrap_change", {"flag": FLAG})

    text = str(result.content)
    assert refusal(result) == "cannot-wrap"
    assert "app/page.py:4 cannot be put behind a flag (convention)" in text
    assert "--context" in text
    assert "app/other.py:7" in text


async def test_a_change_that_switches_nothing_brings_no_module(
    serving: Serving, open_bench: Any, tmp_path: Path
) -> None:
    after = VIEW + "\n\ndef more():\n    return 3\n"
    root = repository(tmp_path / "r", {"page.py": VIEW}, {"page.py": after})

    answer, _ = await patch(serving, open_bench, root)

    assert answer["files"] == ["page.py"]
    assert answer["coverage"] == {"dormant": 1}
    assert answer["notes"][0].startswith("no code asks for the flag")
    assert answer["notes"][0].endswith("This ships as safely without a flag")


async def test_a_new_method_that_may_override_none_is_no_guard_and_brings_what_it_asks(
    serving: Serving, open_bench: Any, tmp_path: Path
) -> None:
    before = "import ast\n\n\nclass Page(ast.NodeVisitor):\n    def run(self):\n        return 1\n"
    after = before + "\n    def refund(self):\n        return self.pay()\n"
    root = repository(tmp_path / "r", {"page.py": before}, {"page.py": after})

    answer, _ = await patch(serving, open_bench, root)

    told = "page.py: `Page.refund` runs for whoever calls it, unless a base has one: with the flag"
    assert answer["coverage"] == {"dormant": 1, "added": 1}
    assert answer["notes"][0] == f"{told} off, too"
    assert "flags.py is new" in answer["notes"][1]


async def test_what_a_change_takes_away_does_not_ship_as_safely_without_a_flag(
    serving: Serving, open_bench: Any, tmp_path: Path
) -> None:
    root = repository(tmp_path / "r", {"page.py": VIEW, "old.py": VIEW}, {"page.py": VIEW})
    (root / "old.py").unlink()

    answer, _ = await patch(serving, open_bench, root)

    assert answer["coverage"] == {"kept": 1}
    assert answer["notes"][0].endswith("takes away stays until the flag is taken out")


async def test_a_change_under_another_flag_gets_its_own_check_inside(
    serving: Serving, open_bench: Any, tmp_path: Path
) -> None:
    before = (
        "from app.flags import is_on\n\n\n"
        "def page(item):\n    if is_on('a.b'):\n        return item * 1\n    return item\n"
    )
    files = {"app/__init__.py": "", "app/flags.py": FLAGS, "app/page.py": before}
    root = repository(tmp_path / "r", files, {"app/page.py": before.replace("1", "2")})

    _, written = await patch(serving, open_bench, root)

    assert f"+        if is_on('{FLAG}'):" in written.splitlines()
    assert "-    if is_on('a.b'):" not in written


async def test_a_change_behind_this_flag_already_comes_back_as_it_is(
    serving: Serving, open_bench: Any, tmp_path: Path
) -> None:
    before = "from app.flags import is_on\n\n\ndef page(item):\n    return item\n"
    check = f"    if is_on('{FLAG}'):\n        return 2\n    return item\n"
    files = {"app/__init__.py": "", "app/page.py": before}
    after = {"app/page.py": before.replace("    return item\n", check)}
    root = repository(tmp_path / "r", files, after)

    answer, _ = await patch(serving, open_bench, root)

    assert answer["status"] == "unchanged"
    assert "behind this flag already" in answer["notes"][0]


@pytest.mark.parametrize(
    ("builder", "text", "is_told"),
    [
        ("setup.py", "from setuptools import setup\n\nsetup(py_modules=['page'])\n", True),
        ("pyproject.toml", '[tool.setuptools]\npy-modules = ["page"]\n', True),
        ("pyproject.toml", '[project]\nname = "shop"\n', False),
    ],
)
async def test_a_module_that_is_installed_alone_needs_the_new_one_installed_beside_it(
    serving: Serving, open_bench: Any, tmp_path: Path, builder: str, text: str, *, is_told: bool
) -> None:
    files = {"page.py": VIEW, builder: text}
    root = repository(tmp_path / "r", files, {"page.py": VIEW.replace("* 1", "* 2")})

    answer, diff = await patch(serving, open_bench, root)

    name = "page_flags" if is_told else "flags"
    assert f"+from {name} import is_enabled" in diff
    told = f"{name}.py is in no package: let {builder} install it beside `page`"
    assert any(note.startswith(told) for note in answer["notes"]) == is_told
