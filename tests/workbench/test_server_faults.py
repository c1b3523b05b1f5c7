"""Whatever the flag server does, the action is recorded, stays owed, and arrives later."""

from pathlib import Path

import anyio
import httpx
import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flagwright.core.records.plan import Plan
from flagwright.core.trail import Trail
from flagwright.errors import FlagServerDown, FlagwrightError
from flagwright.workbench.bench import Workbench
from tests.installation import ACTOR, AFTER, Installation, approve, crash, hang, spec

pytestmark = pytest.mark.anyio

SECOND = spec("release.shop.second")
BUSY = Response(status_code=429, headers={"Retry-After": "60"})
FAULTS = [
    pytest.param(hang, "flag-server-down", id="hanging", marks=pytest.mark.impatient),
    pytest.param(crash, "flag-server-down", id="down"),
    pytest.param(Response(status_code=500), "flag-server-down", id="500"),
    pytest.param(BUSY, "flag-server-busy", id="429"),
    pytest.param(JSONResponse({"message": "no"}, 401), "flag-server-refused", id="401"),
    pytest.param(JSONResponse({"message": "no"}, 403), "flag-server-refused", id="403"),
    pytest.param(JSONResponse({"message": "no"}, 404), "flag-unknown", id="404"),
    pytest.param(JSONResponse({"message": "no"}, 409), "flag-differs", id="409"),
    pytest.param(Response("<html>"), "flag-server-odd", id="garbage"),
    pytest.param(
        Response(status_code=302, headers={"Location": "/x"}), "flag-server-odd", id="302"
    ),
]
NO_PROJECT = {"flag-unknown": "flag-server-refused"}
"""A 404 where a flag is to be made is about the project, which this token cannot see."""


@pytest.mark.parametrize(("fault", "code"), FAULTS)
async def test_a_fault_is_recorded_and_the_record_arrives_when_the_server_is_back(
    bench: Workbench, folder: Path, home: Installation, fault: ASGIApp, code: str
) -> None:
    await bench.deliver()
    home.line.fault = fault

    with anyio.fail_after(10):
        with pytest.raises(FlagwrightError) as created:
            await bench.flags.create(SECOND, actor=ACTOR)
        with pytest.raises(FlagwrightError) as wrapped:
            await bench.wrap(folder, spec().name, actor=ACTOR)
        await bench.deliver()
    page = await bench.ledger(limit=2)
    assert wrapped.value.code == code
    assert created.value.code == NO_PROJECT.get(code, code)
    assert [entry.code for entry in page.entries] == [code, created.value.code]
    assert (page.owed, page.set_aside) == (2, 0)
    assert (folder / "pricing.py").read_text() == AFTER

    home.line.fault = None
    home.clock.turn(seconds=61)
    await bench.deliver()
    held = await bench.audit.show_server(Trail(), limit=100)
    assert (await bench.ledger()).owed == 0
    assert [entry.id for entry in held][-2:] == [entry.id for entry in reversed(page.entries)]


@pytest.mark.impatient
async def test_work_that_needs_no_server_goes_on_without_it(
    bench: Workbench, plan: Plan, folder: Path, home: Installation
) -> None:
    home.line.fault = hang

    await bench.score(folder, actor=ACTOR)
    await approve(bench, plan.id)
    assert (await bench.plans.apply(plan.id, actor=ACTOR)).status == "applied"
    await bench.plans.undo(plan.id, actor=ACTOR)

    assert (await bench.ledger()).delivered == 0
    home.line.fault = None
    home.clock.turn(seconds=61)
    await bench.deliver()
    assert [entry.action for entry in await bench.audit.show_server(Trail(), limit=100)] == [
        "created", "proposed", "scored", "approved", "applied", "undone",
    ]  # fmt: skip


async def test_a_busy_server_is_left_alone_as_long_as_it_asks(
    bench: Workbench, home: Installation
) -> None:
    home.line.fault = BUSY
    await bench.deliver()
    home.line.fault, asked = None, len(home.line.heard)

    home.clock.turn(seconds=59)
    await bench.deliver()
    assert len(home.line.heard) == asked

    home.clock.turn(seconds=2)
    await bench.deliver()
    assert (await bench.ledger()).owed == 0


async def test_an_answer_that_is_lost_leaves_one_record(
    bench: Workbench, home: Installation
) -> None:
    """The server keeps the record; that it did so never arrives."""
    await bench.deliver()
    await bench.flags.create(spec(), actor=ACTOR)

    async def lost(scope: Scope, receive: Receive, send: Send) -> None:
        await home.line.server(scope, receive, send if scope["method"] == "GET" else nowhere)
        if scope["method"] != "GET":
            await crash(scope, receive, send)

    home.line.fault = lost
    await bench.deliver()
    assert (await bench.ledger()).owed == 1

    home.line.fault = None
    home.clock.turn(seconds=5)
    asked = len(home.line.heard)
    await bench.deliver()
    assert not [line for line in home.line.heard[asked:] if not line.startswith("GET")]
    assert len(await bench.audit.show_server(Trail(), limit=100)) == 2


async def test_a_creation_whose_answer_is_lost_is_settled_by_looking(
    bench: Workbench, home: Installation
) -> None:
    """The flag is made, but neither that nor anything after it is answered."""
    await bench.deliver()
    made: list[str] = []

    async def gone_after_the_commit(scope: Scope, receive: Receive, send: Send) -> None:
        if made:
            await crash(scope, receive, send)
        if scope["method"] == "POST" and scope["path"].endswith("/features"):
            made.append(scope["path"])
            await home.line.server(scope, receive, nowhere)
            await crash(scope, receive, send)
        await home.line.server(scope, receive, send)

    home.line.fault = gone_after_the_commit
    with pytest.raises(FlagServerDown) as lost:
        await bench.flags.create(SECOND, actor=ACTOR)
    assert lost.value.unsure
    assert (await bench.ledger(flag=SECOND.name)).entries == ()

    home.line.fault = None
    home.clock.turn(seconds=6)
    await bench.deliver()
    (entry,) = (await bench.ledger(flag=SECOND.name)).entries
    assert (entry.action, entry.outcome) == ("created", "done")
    assert (await bench.ledger()).owed == 0


async def test_a_creation_that_did_not_leave_this_machine_is_recorded_at_once(
    bench: Workbench, home: Installation
) -> None:
    async def refused(scope: Scope, receive: Receive, send: Send) -> None:
        raise httpx.ConnectError("nobody listens")

    home.line.fault = refused
    with pytest.raises(FlagServerDown):
        await bench.flags.create(SECOND, actor=ACTOR)

    (entry,) = (await bench.ledger(flag=SECOND.name)).entries
    assert (entry.outcome, entry.code) == ("failed", "flag-server-down")


@pytest.mark.impatient
async def test_a_server_that_is_down_is_not_waited_for_twice(
    bench: Workbench, home: Installation
) -> None:
    home.line.fault = hang
    with pytest.raises(FlagServerDown):
        await bench.flags.create(SECOND, actor=ACTOR)
    asked = len(home.line.heard)

    await bench.deliver()

    assert len(home.line.heard) == asked


async def test_entries_say_whose_token_it_is_once_the_server_has_said_so(
    bench: Workbench, home: Installation, folder: Path
) -> None:
    await bench.deliver()
    await bench.score(folder, actor=ACTOR)
    async with home.open() as another:
        await another.score(folder, actor=ACTOR)

    page = await bench.ledger()
    assert [entry.actor.account for entry in page.entries] == ["admin", "admin", None]


async def nowhere(message: object) -> None:
    """Lose what was said."""


async def test_entries_that_the_server_will_never_take_do_not_hold_up_the_others(
    bench: Workbench, home: Installation
) -> None:
    async def picky(scope: Scope, receive: Receive, send: Send) -> None:
        poison = "release.shop.discount" in scope["path"] and scope["method"] != "GET"
        answer = JSONResponse({"message": "no"}, 400) if poison else home.line.server
        await answer(scope, receive, send)

    await bench.flags.create(SECOND, actor=ACTOR)
    home.line.fault = picky
    await bench.deliver()

    page = await bench.ledger()
    assert (page.delivered, page.owed, page.set_aside) == (1, 0, 1)

    assert (await bench.audit.flush()).set_aside == 1
    home.line.fault = None
    flushed = await bench.audit.flush()
    assert (flushed.delivered, flushed.owed, flushed.set_aside) == (2, 0, 0)
    assert (await bench.audit.verify()).problems == ()


async def test_names_that_no_flag_can_have_hold_up_nothing(
    bench: Workbench, home: Installation
) -> None:
    names = ("..", "a/b", "nul\0", "x" * 150, "y" * 100_000, "release.shop.ok ", "\ud800")
    for name in names:
        with pytest.raises(FlagwrightError):
            await bench.flags.create(spec(name), actor=ACTOR)

    await bench.deliver()

    page = await bench.ledger()
    assert (page.owed, page.set_aside) == (0, 0)
    assert not [line for line in home.line.heard if "nul" in line]


async def test_after_a_long_outage_entries_about_many_flags_travel_together(
    bench: Workbench, home: Installation
) -> None:
    home.line.fault = Response(status_code=503)
    flags = [f"release.shop.far-{number}" for number in range(60)]
    for flag in flags:
        with pytest.raises(FlagServerDown):
            await bench.flags.create(spec(flag), actor=ACTOR)
    home.line.fault, asked = None, len(home.line.heard)
    home.clock.turn(seconds=400)

    await bench.deliver()

    page = await bench.ledger()
    assert (page.owed, page.recorded) == (0, 61)
    assert len(home.line.heard) - asked < 20
    held = await bench.audit.show_server(Trail(flag=flags[7]))
    assert [entry.subject.flag for entry in held] == [flags[7]]
    assert (await bench.audit.verify()).problems == ()


async def test_two_deliveries_at_once_send_nothing_twice(
    bench: Workbench, home: Installation, folder: Path
) -> None:
    for _ in range(5):
        await bench.score(folder, actor=ACTOR)

    async with home.open() as other, anyio.create_task_group() as tasks:
        for each in (bench, other, bench, other):
            tasks.start_soon(each.deliver)

    held = await bench.audit.show_server(Trail(), limit=100)
    assert len({entry.id for entry in held}) == len(held) == 6


@pytest.mark.impatient
async def test_doctor_says_what_is_wrong_and_never_fails(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    for fault in (hang, crash, Response("<html>"), JSONResponse({"message": "no"}, 401)):
        home.line.fault = fault

        checks = {check.name: check for check in await bench.examine(folder)}

        assert not checks["server"].ok
        assert checks["server"].next_step
        assert checks["repository"].ok
