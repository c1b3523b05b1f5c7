"""A flag ends on the server only when nothing asks for it any more, and says what still does."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from flagwright import flagserver
from flagwright.core.records.plan import Plan
from flagwright.core.rollout import Asked
from flagwright.errors import FlagDiffers, FlagServerDown, FlagUnknown
from flagwright.workbench.bench import Workbench
from flagwright.workbench.flags import Ended
from tests.installation import ACTOR, TOKEN, Installation, approve, crash, git, shop, spec

pytestmark = pytest.mark.anyio

FLAG = spec().name
CLIENT_TOKEN = "*:development.x"


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A repository that does not know the flag."""
    return shop(tmp_path / "clean")


async def end(bench: Workbench, folder: Path) -> Ended:
    return await bench.flags.end(FLAG, "on", folder, actor=ACTOR)


async def last(bench: Workbench) -> tuple[str, str, str | None]:
    entry = (await bench.ledger()).entries[0]
    return entry.action, entry.outcome, entry.code


async def test_a_clean_flag_is_archived_once(bench: Workbench, clean: Path) -> None:
    first, second = await end(bench, clean), await end(bench, clean)

    assert (first, second) == (Ended(FLAG), Ended(FLAG, is_new=False))
    with pytest.raises(FlagDiffers):
        await bench.flags.create(spec(), actor=ACTOR)
    with pytest.raises(FlagUnknown):
        await bench.switching.set_rollout(FLAG, "development", Asked(percent=5), actor=ACTOR)
    assert (await bench.flags.one(FLAG, None, entries=1)).detail.flag.archived


async def test_code_and_other_files_hold_it_and_documents_do_not(
    bench: Workbench, clean: Path
) -> None:
    (clean / "late.py").write_text(f'from flags import client\nclient.is_enabled("{FLAG}")\n')
    (clean / "page.html").write_text(f"<b>{FLAG}</b>")
    (clean / "README.md").write_text(f"Once there was {FLAG}.")
    git(clean, "add", "-A")

    held = (await end(bench, clean)).held

    assert held == ("code still has it: late.py:2", "other files name it: page.html")
    assert await last(bench) == ("archived", "refused", "still-used")
    assert not (await bench.flags.one(FLAG, None, entries=1)).detail.flag.archived


async def test_code_that_is_clean_in_the_work_tree_alone_holds_it(
    bench: Workbench, clean: Path
) -> None:
    """What is released comes from a commit."""
    (clean / "late.py").write_text(f'from flags import client\nclient.is_enabled("{FLAG}")\n')
    (clean / "other.py").write_text(f'NAME = "{FLAG}-2"\n')
    git(clean, "add", "-A")
    git(clean, "commit", "-qm", "Ask")
    (clean / "late.py").write_text("")

    assert (await end(bench, clean)).held == ("the last commit still has it: late.py",)
    git(clean, "commit", "-qam", "Ask no more")
    assert (await end(bench, clean)).held == ()


async def test_a_text_that_may_become_its_name_holds_it(bench: Workbench, clean: Path) -> None:
    start, rest = FLAG.split(".", 1)
    asks = f'from flags import client\nTYPE = "{start}"\nclient.is_enabled(f"{{TYPE}}.{rest}")\n'
    (clean / "late.py").write_text(asks)
    git(clean, "add", "-A")

    assert (await end(bench, clean)).held == ("code still has it: late.py:3",)
    git(clean, "commit", "-qm", "Ask")
    (clean / "late.py").write_text("")
    assert (await end(bench, clean)).held == ("the last commit still has it: late.py",)


async def test_an_application_that_asks_holds_it(
    home: Installation, bench: Workbench, clean: Path
) -> None:
    home.clock.now = datetime.now(UTC)
    at = home.clock.now.isoformat()
    toggles = {FLAG: {"yes": 2, "no": 1}}
    await count(home, {"start": at, "stop": at, "toggles": toggles})

    asked = (await end(bench, clean)).held

    assert asked == ("applications in development asked for it 3 times in the last hour",)
    assert await last(bench) == ("archived", "refused", "still-used")


async def test_a_lost_answer_leaves_the_end_open_until_it_is_looked_for(
    home: Installation, bench: Workbench, clean: Path
) -> None:
    async def lose(scope: Any, receive: Any, send: Any) -> None:
        await home.line.server(scope, receive, send)
        if scope["method"] == "DELETE":
            home.line.fault = crash

    home.line.fault = lose
    with pytest.raises(FlagServerDown):
        await end(bench, clean)
    home.line.fault = None
    home.clock.turn(minutes=1)

    assert (await end(bench, clean)).is_new is False


async def test_a_plan_that_would_ask_for_it_holds_it(
    bench: Workbench, clean: Path, plan: Plan
) -> None:
    held = (await end(bench, clean)).held

    assert held == (f"plans would put code behind it, apply or reject them: {plan.id}",)
    await bench.plans.decide(plan.id, "rejected", tier=None, actor=ACTOR)
    assert (await end(bench, clean)).held == ()


async def test_a_plan_that_can_no_longer_be_applied_does_not(
    home: Installation, bench: Workbench, clean: Path, plan: Plan
) -> None:
    home.clock.now = plan.expires_at

    assert (await end(bench, clean)).held == ()


async def test_no_code_is_put_behind_a_flag_that_somebody_archived_meanwhile(
    home: Installation, bench: Workbench, folder: Path, plan: Plan
) -> None:
    await approve(bench, plan.id)
    before = texts(folder)
    async with server(home, TOKEN) as client:
        gone = await client.delete(f"/api/admin/projects/default/features/{FLAG}")
        assert gone.status_code == 202

    with pytest.raises(FlagUnknown, match="archived"):
        await bench.plans.apply(plan.id, actor=ACTOR)

    assert texts(folder) == before
    assert await last(bench) == ("applied", "refused", FlagUnknown.code)


def texts(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.glob("*.py")}


async def count(home: Installation, bucket: dict[str, Any]) -> None:
    """What an application in development sends."""
    async with server(home, CLIENT_TOKEN) as client:
        sent = await client.post("/api/client/metrics", json={"appName": "x", "bucket": bucket})
        assert sent.status_code == 202


def server(home: Installation, token: str) -> httpx.AsyncClient:
    """The flag server, as others ask it."""
    app = flagserver.app(home.home / "flags.db", admin_token=TOKEN, client_token=CLIENT_TOKEN)
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers={"authorization": token}
    )
