"""Bad input is refused with its code, recorded, and leaves every file as it was."""

import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from flagwright.core.records.plan import Plan
from flagwright.core.rollout import Asked
from flagwright.errors import (
    MOST_CHARS,
    CannotWrap,
    FlagwrightError,
    PlanStale,
    PolicyInvalid,
    StoreBroken,
)
from flagwright.workbench.bench import Workbench
from tests.installation import (
    ACTOR,
    AFTER,
    BEFORE,
    Installation,
    approve,
    git,
    own_policy,
    spec,
    texts,
)

pytestmark = pytest.mark.anyio

FLAG = spec().name


async def refused(bench: Workbench, asked: Awaitable[object]) -> FlagwrightError:
    """What a request was refused with, once the ledger was seen to tell of it."""
    with pytest.raises(FlagwrightError) as caught:
        await asked
    newest = (await bench.ledger(limit=1)).entries[0]
    assert (newest.code, newest.outcome == "done") == (caught.value.code, False)
    assert caught.value.next_step
    return caught.value


async def test_a_folder_without_a_repository(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()

    for asked in (
        bench.score(tmp_path / "plain", actor=ACTOR),
        bench.wrap(tmp_path / "plain", FLAG, actor=ACTOR),
        bench.retire(tmp_path / "plain", FLAG, "on", actor=ACTOR),
    ):
        assert (await refused(bench, asked)).code == "not-a-repository"


@pytest.mark.parametrize(
    "revisions", ["nobody", "HEAD~9..HEAD", "--output=x", "HEAD..nobody", "@{9}"]
)
async def test_an_unknown_revision(bench: Workbench, folder: Path, revisions: str) -> None:
    asked = bench.score(folder, revisions=revisions, actor=ACTOR)

    assert (await refused(bench, asked)).code == "unknown-revision"
    assert not (folder / "x").exists()


async def test_text_that_is_no_diff(bench: Workbench) -> None:
    asked = bench.score(None, diff="--- a/x\n+++ b/x\n@@ -1,9 +1 @@\n-1\n", actor=ACTOR)

    assert (await refused(bench, asked)).code == "unreadable-change"


async def test_a_file_that_does_not_parse(bench: Workbench, folder: Path) -> None:
    (folder / "pricing.py").write_text("def price(:\n")

    error = await refused(bench, bench.wrap(folder, FLAG, actor=ACTOR))

    assert isinstance(error, CannotWrap)
    assert (error.category, error.path) == ("unparsable", "pricing.py")
    assert (await bench.score(folder, actor=ACTOR)).score > 0


async def test_a_file_that_kills_the_parser_is_never_low_and_not_wrapped(
    bench: Workbench, folder: Path
) -> None:
    (folder / "pricing.py").write_text("x = " + "(" * 5000 + ")" * 5000 + "\n")

    error = await refused(bench, bench.wrap(folder, FLAG, actor=ACTOR))

    assert error.code in {"cannot-wrap", "cannot-judge"}
    assert (await bench.score(folder, actor=ACTOR)).band != "low"


async def test_code_that_reads_what_its_migration_takes_away_is_not_wrapped(
    bench: Workbench, folder: Path
) -> None:
    (folder / "migrations").mkdir()
    (folder / "migrations" / "0002.sql").write_text("ALTER TABLE goods DROP COLUMN discount;\n")

    error = await refused(bench, bench.wrap(folder, FLAG, actor=ACTOR))

    assert isinstance(error, CannotWrap)
    assert (error.category, error.path) == ("irreversible", "pricing.py")
    assert "expand" in error.next_step
    assert (await bench.score(folder, actor=ACTOR)).verdict == "not-suited"


async def test_a_flag_that_was_never_created(bench: Workbench, folder: Path) -> None:
    error = await refused(bench, bench.wrap(folder, "release.shop.nobody", actor=ACTOR))

    assert error.code == "flag-unknown"
    assert await bench.plans.all() == ()


async def test_what_is_refused_is_not_repeated_without_end(bench: Workbench) -> None:
    asked = Asked(percent=5, segments=("s" * 100_000,))

    said = await refused(
        bench, bench.switching.set_rollout(FLAG, "development", asked, actor=ACTOR)
    )

    assert said.code == "bad-request"
    assert len(str(said)) < 2 * MOST_CHARS


@pytest.mark.parametrize("name", ["", " "])
async def test_a_name_of_nothing_is_not_taken_out_everywhere(
    bench: Workbench, folder: Path, name: str
) -> None:
    said = await refused(bench, bench.retire(folder, name, "on", actor=ACTOR))

    assert said.code == "flag-unknown"
    assert "no name of a flag" in said.fact


async def test_a_repository_that_never_asked_for_a_flag_and_has_no_name_left(
    bench: Workbench, folder: Path
) -> None:
    (folder / "mail.py").unlink()
    for name in ("flags.py", "feature_flags.py", "release_flags.py"):
        (folder / name).write_text("")
        git(folder, "add", name)
    git(folder, "add", "-A", "mail.py")
    git(folder, "commit", "-qm", "No mail", "mail.py")

    assert (await refused(bench, bench.wrap(folder, FLAG, actor=ACTOR))).code == "bad-request"


async def test_a_work_tree_that_is_not_the_after_side(bench: Workbench, folder: Path) -> None:
    git(folder, "commit", "-qam", "The change")
    (folder / "pricing.py").write_text(BEFORE)

    asked = bench.wrap(folder, FLAG, revisions="HEAD~1..HEAD", actor=ACTOR)

    assert (await refused(bench, asked)).code == "plan-stale"


async def test_a_change_that_goes_through_a_link_out_of_the_repository(
    bench: Workbench, folder: Path, tmp_path: Path
) -> None:
    outside = shutil.copytree(folder, tmp_path / "outside")
    git(folder, "commit", "-qam", "The change")
    (folder / "pricing.py").unlink()
    (folder / "pricing.py").symlink_to(outside / "pricing.py")

    asked = bench.wrap(folder, FLAG, revisions="HEAD~1..HEAD", actor=ACTOR)

    assert (await refused(bench, asked)).code == "outside-root"
    assert (outside / "pricing.py").read_text() == AFTER


async def test_a_file_that_became_a_link_after_the_approval(
    bench: Workbench, folder: Path, plan: Plan, tmp_path: Path
) -> None:
    await approve(bench, plan.id)
    (folder / "pricing.py").rename(tmp_path / "pricing.py")
    (folder / "pricing.py").symlink_to(tmp_path / "pricing.py")

    assert (await refused(bench, bench.plans.apply(plan.id, actor=ACTOR))).code == "outside-root"
    assert (tmp_path / "pricing.py").read_text() == AFTER


async def test_a_file_changed_since_the_plan_stops_the_whole_plan(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    (folder / "mail.py").write_text((folder / "mail.py").read_text() + "\n\nSENDER = 'shop'\n")
    (folder / "flags.py").write_text((folder / "flags.py").read_text().replace("in E", "in  E"))
    plan = (await bench.wrap(folder, FLAG, actor=ACTOR)).plan
    assert plan
    await approve(bench, plan.id)
    last = folder / plan.edits[-1].path
    last.write_bytes(last.read_bytes() + b"# edited\n")
    before = texts(folder)

    assert isinstance(await refused(bench, bench.plans.apply(plan.id, actor=ACTOR)), PlanStale)
    assert texts(folder) == before

    last.write_bytes(last.read_bytes().removesuffix(b"# edited\n"))
    assert (await bench.plans.apply(plan.id, actor=ACTOR)).status == "applied"


@pytest.mark.parametrize("step", ["apply", "undo", "decide"])
@pytest.mark.parametrize(
    ("name", "code"),
    [("0123456789ab", "plan-unknown"), ("../x", "bad-request"), ("", "bad-request")],
)
async def test_a_plan_that_does_not_exist(
    bench: Workbench, step: str, name: str, code: str
) -> None:
    ask: dict[str, Callable[[], Awaitable[object]]] = {
        "apply": lambda: bench.plans.apply(name, actor=ACTOR),
        "undo": lambda: bench.plans.undo(name, actor=ACTOR),
        "decide": lambda: bench.plans.decide(name, "approved", tier="out-of-band", actor=ACTOR),
    }

    assert (await refused(bench, ask[step]())).code == code


async def test_an_expired_plan(bench: Workbench, plan: Plan, home: Installation) -> None:
    home.clock.now = plan.expires_at

    assert (await refused(bench, bench.plans.apply(plan.id, actor=ACTOR))).code == "plan-expired"
    assert (await refused(bench, approve(bench, plan.id))).code == "plan-expired"


async def test_an_expired_approval(bench: Workbench, plan: Plan, home: Installation) -> None:
    await approve(bench, plan.id)
    home.clock.turn(hours=1)

    assert (await refused(bench, bench.plans.apply(plan.id, actor=ACTOR))).code == "plan-expired"

    await approve(bench, plan.id)
    assert (await bench.plans.apply(plan.id, actor=ACTOR)).status == "applied"


async def test_a_plan_that_was_rejected_stays_so(
    bench: Workbench, plan: Plan, folder: Path
) -> None:
    await bench.plans.decide(plan.id, "rejected", tier="out-of-band", actor=ACTOR)

    assert (await bench.plans.apply(plan.id, actor=ACTOR)).status == "rejected"
    assert (await bench.ledger(limit=1)).entries[0].code == "plan-used"
    assert (await refused(bench, approve(bench, plan.id))).code == "plan-used"
    assert (folder / "pricing.py").read_text() == AFTER


async def test_a_policy_that_changed_since_the_plan(
    bench: Workbench, plan: Plan, home: Installation
) -> None:
    await approve(bench, plan.id)
    own_policy(home, "approval", "plan_lifetime_h = 168", "plan_lifetime_h = 169")

    assert (await refused(bench, bench.plans.apply(plan.id, actor=ACTOR))).code == "plan-stale"


@pytest.mark.parametrize("name", ["naming", "risk", "wrapping", "approval"])
async def test_a_policy_with_a_mistake_names_file_line_and_what_is_allowed(
    bench: Workbench, folder: Path, plan: Plan, home: Installation, name: str
) -> None:
    file = own_policy(home, name, "", "")
    file.write_text("colour = 'red'\n" + file.read_text())
    asked = {
        "naming": bench.flags.create(spec("release.shop.other"), actor=ACTOR),
        "risk": bench.score(folder, actor=ACTOR),
        "wrapping": bench.wrap(folder, FLAG, actor=ACTOR),
        "approval": bench.plans.apply(plan.id, actor=ACTOR),
    }

    error = await refused(bench, asked.pop(name))

    assert isinstance(error, PolicyInvalid)
    assert f"{file}:1" in error.fact
    assert "colour" in error.fact
    for unused in asked.values():
        unused.close()


async def test_a_policy_cannot_let_a_dialog_approve_more_than_low_risk(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    own_policy(home, "approval", 'high = "out-of-band"', 'high = "dialog"')

    assert (await refused(bench, bench.wrap(folder, FLAG, actor=ACTOR))).code == "policy-invalid"


async def test_a_flag_of_another_project_is_no_surprise(bench: Workbench) -> None:
    asked = bench.flags.create(spec().model_copy(update={"project": "nobody"}), actor=ACTOR)

    assert (await refused(bench, asked)).next_step


async def test_nothing_is_done_where_nothing_can_be_recorded(
    bench: Workbench, plan: Plan, home: Installation, folder: Path
) -> None:
    await approve(bench, plan.id)
    with sqlite3.connect(home.state / "state.db") as other:
        other.execute("DROP TABLE intent")
    other.close()
    heard = len(home.line.heard)

    with pytest.raises(FlagwrightError) as apply_error:
        await bench.plans.apply(plan.id, actor=ACTOR)
    with pytest.raises(FlagwrightError) as create_error:
        await bench.flags.create(spec("release.shop.other"), actor=ACTOR)

    assert apply_error.value.code == create_error.value.code == "store-broken"
    assert (folder / "pricing.py").read_text() == AFTER
    assert len(home.line.heard) == heard


async def test_a_delivery_from_a_broken_store_breaks_nothing_else(
    bench: Workbench, home: Installation
) -> None:
    with sqlite3.connect(home.state / "state.db") as other:
        other.execute("DROP TABLE entry")
    other.close()

    await bench.deliver()

    assert not [line for line in home.line.heard if "/link" in line]


async def test_a_history_that_breaks_while_it_is_scored_is_said_to_be_broken(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    async def scored() -> None:
        await bench.hindsight.score_commits(
            folder, ["HEAD"], until=None, is_placed=False, actor=ACTOR, emit=list[object]().append,
            progress=lambda *_: None,
        )  # fmt: skip

    await scored()
    (kept,) = home.home.rglob("history.sqlite")
    with closing(sqlite3.connect(kept)) as database, database:
        database.execute("DROP TABLE touch")

    with pytest.raises(StoreBroken, match="What is known of the past"):
        await scored()


@pytest.mark.parametrize("name", ["x; $(id)", "a b\n--json", "release.shop.\u0430bc"])
async def test_what_no_flag_can_be_called_is_in_no_command_to_run(
    bench: Workbench, folder: Path, name: str
) -> None:
    for asked in (
        bench.flags.one(name, folder, entries=1),
        bench.wrap(folder, name, actor=ACTOR),
        bench.retire(folder, name, "on", actor=ACTOR),
    ):
        with pytest.raises(FlagwrightError) as caught:
            await asked
        assert caught.value.code == "flag-unknown"
        assert caught.value.fact == f"{name!r} is no name of a flag."
        assert "flagwright" not in caught.value.next_step
