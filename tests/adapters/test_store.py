"""The store loses nothing that it acknowledged, and approves nothing twice."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from flagwright.adapters.store import Store
from flagwright.core.ledger import verify
from flagwright.core.proposal import plan_digest
from flagwright.core.record import sha256
from flagwright.core.records.decision import Decision
from flagwright.core.records.entry import Actor, LedgerEntry, Subject
from flagwright.core.records.plan import Plan
from flagwright.errors import FlagwrightError, PlanUsed, StoreBroken

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WRITER = "a1b2c3d4e5f6"
ACTOR = Actor(person="ada", door="terminal")
BEFORE = b"x = 1\n"


def subject(flag: str | None = "release.new-tax") -> Subject:
    return Subject(project="default", flag=flag)


def opened(directory: Path, **more: float) -> Store:
    return Store(directory, new_writer=WRITER, **more)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    store = opened(home)
    yield store
    store.close()


def plan(name: str = "a") -> Plan:
    draft = Plan(
        id="",
        kind="wrap",
        flag="release.new-tax",
        root=f"/repo/{name}",
        edits=(),
        proof=(),
        score=72,
        band="high",
        policy_digest="1" * 64,
        proposed_by="ada",
        created_at=NOW,
        expires_at=NOW + timedelta(days=7),
        digest="0" * 64,
    )
    seal = plan_digest(draft)
    return draft.model_copy(update={"id": seal[:12], "digest": seal})


def decision(about: Plan, nonce: str = "nonce-1") -> Decision:
    return Decision(
        plan_digest=about.digest,
        verdict="approved",
        by="ada",
        tier="out-of-band",
        at=NOW,
        expires_at=NOW + timedelta(hours=1),
        nonce=nonce,
    )


def scored(store: Store, number: int, flag: str | None = None) -> LedgerEntry:
    store.begin(f"{number:032x}", "scored", subject(flag), ACTOR, at=NOW)
    return store.settle(f"{number:032x}", outcome="done", at=NOW, score=10, band="low")


def proposed(store: Store, about: Plan) -> LedgerEntry:
    store.begin(f"propose-{about.id}", "proposed", subject(), ACTOR, at=NOW)
    return store.settle(
        f"propose-{about.id}",
        outcome="done",
        at=NOW,
        plan=about,
        plan_state="proposed",
        blobs={sha256(BEFORE): BEFORE},
    )


def approved(store: Store, about: Plan, nonce: str = "nonce-1") -> LedgerEntry:
    store.begin(f"approve-{nonce}", "approved", subject(), ACTOR, at=NOW, plan=about)
    return store.settle(
        f"approve-{nonce}",
        outcome="done",
        at=NOW,
        plan=about,
        plan_state="approved",
        decision=decision(about, nonce),
    )


def owed(store: Store, now: datetime, *, limit: int = 9) -> list[LedgerEntry]:
    return [one.entry for one in store.deliveries.owed(limit=limit, now=now)]


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(FlagwrightError) as caught:
        act()
    return caught.value.code


# --- recording


def test_an_outcome_and_its_local_state_are_one(store: Store) -> None:
    first, second = proposed(store, plan()), approved(store, plan())

    assert store.plan(plan().id) == (plan(), "approved")
    assert store.decision(plan().digest) == decision(plan())
    assert store.blob(sha256(BEFORE)) == BEFORE
    assert (first.writer, first.seq, second.seq, second.prev) == (WRITER, 1, 2, first.hash)
    assert (second.plan, second.score, second.band) == (plan().digest, 72, "high")
    assert store.entries() == (second, first)
    assert store.verify() == ()


def test_nothing_is_settled_that_was_not_begun_or_twice(store: Store) -> None:
    scored(store, 1)

    for name in (f"{1:032x}", "never-begun"):
        assert code_of(partial(store.settle, name, outcome="done", at=NOW)) == "store-broken"
    assert store.deliveries.counts().recorded == 1


def test_entries_are_found_by_flag_plan_and_action(store: Store) -> None:
    proposed(store, plan())
    entry = scored(store, 1, "ops.retry")

    assert store.entries(flag="ops.retry") == (entry,)
    assert [e.action for e in store.entries(plan=plan().digest)] == ["proposed"]
    assert store.entries(action="scored", limit=1) == (entry,)
    assert store.entries(flag="x") == ()


def test_a_row_changed_behind_our_back_is_seen(home: Path, store: Store) -> None:
    for number in range(3):
        scored(store, number)
    raw = sqlite3.connect(home / "state.db", isolation_level=None)

    raw.execute("UPDATE entry SET record = replace(record, '10.0', '11.0') WHERE seq = 2")
    assert [(p.kind, p.seq) for p in store.verify()] == [("altered", 2)]
    raw.execute("DELETE FROM entry WHERE seq >= 2")
    assert [(p.kind, p.seq) for p in store.verify()] == [("missing", 2)]
    raw.close()


def test_a_new_start_goes_on_with_the_same_writer_and_chain(home: Path) -> None:
    one = opened(home)
    scored(one, 1)
    one.close()

    other = Store(home, new_writer="ffffffffffff")
    entry = scored(other, 2)

    assert (entry.writer, entry.seq, other.verify()) == (WRITER, 2, ())
    other.close()


# --- settling what was interrupted


def test_an_intent_of_a_living_process_is_nobody_elses(home: Path, store: Store) -> None:
    store.begin("intent-1", "created", subject(), ACTOR, at=NOW, payload={"spec": {"name": "x"}})
    other = opened(home)

    assert other.open_intents() == ()
    store.close()
    (left,) = other.open_intents()

    assert (left.intent.id, left.intent.action) == ("intent-1", "created")
    assert left.payload == {"spec": {"name": "x"}}
    assert other.settle("intent-1", outcome="done", at=NOW).id == "intent-1"
    assert other.open_intents() == ()
    other.close()


def test_one_process_only_settles_what_another_left(home: Path) -> None:
    gone = opened(home)
    gone.begin("intent-1", "applied", subject(), ACTOR, at=NOW)
    gone.close()
    one, other = opened(home), opened(home)

    assert len(one.open_intents()) == 1
    assert other.open_intents() == ()
    one.close()
    other.close()


# --- plans


def test_a_plan_is_found_by_a_unique_beginning(store: Store) -> None:
    proposed(store, plan())
    proposed(store, plan("b"))

    assert store.plan(plan("b").digest)[0] == plan("b")
    assert store.plan(plan("b").id[:6])[0] == plan("b")
    assert len(store.plans()) == 2
    assert store.plans(state="approved") == ()
    assert [found.root for found, _ in store.plans(root="/repo/b")] == ["/repo/b"]
    assert code_of(lambda: store.plan("0000")) == "plan-unknown"
    for odd in ("", "abc", "%%%%", "../..", "ABCD", "x" * 500):
        assert code_of(partial(store.plan, odd)) == "bad-request"


def test_a_plan_proposed_again_stays_where_it_stands(store: Store) -> None:
    proposed(store, plan())
    approved(store, plan())
    store.begin("again-00", "proposed", subject(), ACTOR, at=NOW)

    store.settle("again-00", outcome="done", at=NOW, plan=plan(), plan_state="proposed")

    assert store.plan(plan().id)[1] == "approved"


def test_an_altered_plan_or_image_is_not_trusted(home: Path, store: Store) -> None:
    proposed(store, plan())
    raw = sqlite3.connect(home / "state.db", isolation_level=None)
    raw.execute("UPDATE plan SET record = replace(record, '/repo/a', '/repo/z')")
    raw.execute("UPDATE blob SET content = x'00'")
    raw.close()

    assert code_of(lambda: store.plan(plan().id)) == "store-broken"
    assert code_of(lambda: store.blob(sha256(BEFORE))) == "store-broken"


def test_a_decision_that_came_too_late_is_recorded_as_refused(store: Store) -> None:
    proposed(store, plan())
    approved(store, plan())
    store.claim_plan(plan().id, "nonce-1")
    store.begin("apply-01", "applied", subject(), ACTOR, at=NOW, plan=plan())
    store.settle("apply-01", outcome="done", at=NOW, plan_state="applied")

    assert code_of(lambda: approved(store, plan(), "nonce-2")) == "plan-used"

    assert store.plan(plan().id)[1] == "applied"
    assert store.decision(plan().digest) == decision(plan())
    assert (store.entries()[0].outcome, store.entries()[0].code) == ("refused", "plan-used")


# --- one use of an approval


def test_of_fifty_threads_one_takes_the_approval(home: Path) -> None:
    stores = [opened(home) for _ in range(5)]
    proposed(stores[0], plan())
    approved(stores[0], plan())

    def take(number: int) -> bool:
        try:
            stores[number % 5].claim_plan(plan().id, "nonce-1")
        except PlanUsed:
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(take, range(50))) == 1
    for store in stores:
        store.close()


def test_an_approval_is_bound_to_its_plan_and_nonce(store: Store) -> None:
    for about in (plan(), plan("b")):
        proposed(store, about)
    approved(store, plan(), "nonce-1")

    assert code_of(lambda: store.claim_plan(plan("b").id, "nonce-1")) == "plan-used"
    assert code_of(lambda: store.claim_plan(plan().id, "nonce-2")) == "plan-used"
    store.claim_plan(plan().id, "nonce-1")


def test_a_use_comes_back_when_it_is_released_or_its_process_is_gone(home: Path) -> None:
    one, other = opened(home), opened(home)
    proposed(one, plan())
    approved(one, plan())

    one.claim_plan(plan().id, "nonce-1")
    other.release_plan(plan().id, "nonce-1")
    assert code_of(lambda: other.claim_plan(plan().id, "nonce-1")) == "plan-used"
    one.release_plan(plan().id, "nonce-1")
    one.claim_plan(plan().id, "nonce-1")
    one.close()
    other.claim_plan(plan().id, "nonce-1")
    other.close()


def test_a_plan_that_is_being_applied_cannot_be_rejected(store: Store) -> None:
    proposed(store, plan())
    approved(store, plan())
    store.claim_plan(plan().id, "nonce-1")
    store.begin("reject-1", "rejected", subject(), ACTOR, at=NOW, plan=plan())

    settle = partial(store.settle, "reject-1", outcome="done", at=NOW, plan_state="rejected")
    assert code_of(settle) == "plan-used"
    assert store.plan(plan().id)[1] == "approved"


def test_a_decision_written_past_the_store_is_no_approval(home: Path, store: Store) -> None:
    proposed(store, plan())
    raw = sqlite3.connect(home / "state.db", isolation_level=None)
    row = (plan().digest, decision(plan()).model_dump_json(), "0" * 64)
    raw.execute("INSERT INTO decision (plan, record, mac) VALUES (?, ?, ?)", row)
    raw.close()

    assert code_of(lambda: store.decision(plan().digest)) == "approval-refused"


def test_a_decision_moved_to_another_plan_is_no_approval(home: Path, store: Store) -> None:
    proposed(store, plan())
    proposed(store, plan("b"))
    approved(store, plan())
    raw = sqlite3.connect(home / "state.db", isolation_level=None)
    raw.execute("UPDATE decision SET plan = ?", (plan("b").digest,))
    raw.close()

    assert code_of(lambda: store.decision(plan("b").digest)) == "approval-refused"


# --- the code that a person types


def test_a_code_is_good_once(store: Store) -> None:
    proposed(store, plan())
    proposed(store, plan("b"))
    store.new_challenge(plan().digest, "K7QM", NOW)

    assert not store.answer_challenge(plan("b").digest, "K7QM", NOW)
    assert store.answer_challenge(plan().digest, "K7QM", NOW)
    assert not store.answer_challenge(plan().digest, "K7QM", NOW)


def test_a_code_may_be_mistyped_four_times(store: Store) -> None:
    proposed(store, plan())
    for wrong, right in ((4, True), (5, False)):
        store.new_challenge(plan().digest, "K7QM", NOW)
        assert not any(store.answer_challenge(plan().digest, "XXXX", NOW) for _ in range(wrong))
        assert store.answer_challenge(plan().digest, "K7QM", NOW) is right


@pytest.mark.parametrize(
    ("seconds", "good"), [(119, True), (120, False), (-120, False), (31_536_000, False)]
)
def test_a_code_is_good_for_two_minutes(store: Store, seconds: int, *, good: bool) -> None:
    proposed(store, plan())
    store.new_challenge(plan().digest, "K7QM", NOW)

    later = NOW + timedelta(seconds=seconds)

    assert store.answer_challenge(plan().digest, "K7QM", later) is good


def test_a_new_code_makes_the_old_one_void_and_none_is_on_the_disk(
    home: Path, store: Store
) -> None:
    proposed(store, plan())
    store.new_challenge(plan().digest, "OLDCODE1", NOW)
    store.new_challenge(plan().digest, "NEWCODE2", NOW)

    content = b"".join(path.read_bytes() for path in home.glob("state.db*"))
    assert b"OLDCODE1" not in content
    assert b"NEWCODE2" not in content
    assert not store.answer_challenge(plan().digest, "OLDCODE1", NOW)
    assert store.answer_challenge(plan().digest, "NEWCODE2", NOW)


# --- the outbox


def test_what_is_owed_goes_out_in_order(store: Store) -> None:
    made = [scored(store, number) for number in range(4)]
    assert owed(store, NOW, limit=3) == made[:3]

    store.deliveries.mark_delivered([made[0].id], NOW)
    store.deliveries.set_aside([made[1].id], "flag-server")

    assert owed(store, NOW) == made[2:]
    assert store.deliveries.undelivered(e.id for e in made) == tuple(e.id for e in made[1:])
    assert store.deliveries.counts().model_dump() == {
        "recorded": 4,
        "delivered": 1,
        "owed": 2,
        "set_aside": 1,
    }


def test_what_failed_waits_longer_each_time_and_holds_back_what_follows(store: Store) -> None:
    first = scored(store, 1)
    scored(store, 2)

    for wait in (1, 2, 4):
        store.deliveries.mark_failed([first.id], "flag-server-down", retry_after=None, now=NOW)
        assert owed(store, NOW + timedelta(seconds=wait - 0.5)) == []
        assert len(owed(store, NOW + timedelta(seconds=wait))) == 2


def test_the_server_says_when_to_come_back_within_five_minutes(store: Store) -> None:
    first = scored(store, 1)
    store.deliveries.mark_failed([first.id], "x", retry_after=timedelta(days=9), now=NOW)

    assert owed(store, NOW + timedelta(seconds=299), limit=1) == []
    assert owed(store, NOW + timedelta(seconds=300), limit=1) == [first]
    assert owed(store, NOW - timedelta(days=365), limit=1) == [first]


def test_one_at_a_time_delivers(home: Path, store: Store) -> None:
    other = opened(home)

    with store.deliveries.turn() as mine, other.deliveries.turn() as theirs:
        assert (mine, theirs) == (True, False)
    with other.deliveries.turn() as theirs:
        assert theirs
    other.close()


# --- the folder


def test_the_folder_and_its_files_are_this_users_alone(home: Path) -> None:
    umask = os.umask(0)
    try:
        store = opened(home)
        scored(store, 1)
    finally:
        os.umask(umask)

    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {"state.db", "state.db-wal", "key"} <= {path.name for path in files}
    store.close()


@pytest.mark.parametrize(("name", "mode"), [(".", 0o755), ("key", 0o640), ("state.db", 0o602)])
def test_a_folder_that_others_can_reach_is_refused(home: Path, name: str, mode: int) -> None:
    opened(home).close()
    (home / name).chmod(mode)

    assert code_of(lambda: opened(home)) == "store-broken"


def test_files_of_others_in_the_folder_are_their_own_business(home: Path) -> None:
    opened(home).close()
    (home / "flags.sqlite").touch(mode=0o644)

    opened(home).close()


def test_a_link_where_a_file_should_be_is_refused(home: Path, tmp_path: Path) -> None:
    opened(home).close()
    (home / "key").rename(tmp_path / "key")
    (home / "key").symlink_to(tmp_path / "key")

    assert code_of(lambda: opened(home)) == "store-broken"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(home: Path) -> None:
    opened(home).close()
    os.chown(home / "key", 12345, -1)

    assert code_of(lambda: opened(home)) == "store-broken"


def test_a_file_where_the_folder_should_be_is_an_error(home: Path) -> None:
    home.write_text("")

    assert code_of(lambda: opened(home)) == "store-broken"


# --- a bad day


@pytest.mark.parametrize("damage", ["header", "middle"])
def test_a_damaged_database_is_moved_aside_and_said_loudly(home: Path, damage: str) -> None:
    store = opened(home)
    for number in range(40):
        scored(store, number)
    store.close()
    with (home / "state.db").open("r+b") as file:
        file.seek(0 if damage == "header" else 4096 * 2)
        file.write(b"\xde\xad" * 8192)

    with pytest.raises(StoreBroken, match="broken-1"):
        opened(home)

    assert (home / "state.db.broken-1").exists()
    fresh = Store(home, new_writer="ffffffffffff")
    assert scored(fresh, 1).writer == "ffffffffffff"
    fresh.close()


def test_a_store_of_a_newer_version_is_left_alone(home: Path) -> None:
    opened(home).close()
    raw = sqlite3.connect(home / "state.db")
    raw.execute("PRAGMA user_version = 99")
    raw.close()

    with pytest.raises(StoreBroken, match="newer"):
        opened(home)

    assert (home / "state.db").exists()


def test_a_store_of_the_first_version_is_brought_up_to_date(home: Path) -> None:
    store = opened(home)
    entry = scored(store, 1)
    store.close()
    raw = sqlite3.connect(home / "state.db")
    raw.executescript(
        "DROP TABLE account; ALTER TABLE entry DROP COLUMN sent_with; PRAGMA user_version = 1"
    )
    raw.close()

    again = opened(home)

    (left,) = again.deliveries.owed(limit=9, now=NOW)
    assert (left.entry, left.sent_with) == (entry, entry.id)
    again.deliveries.know_account("a-server", "ada@example.org")
    assert (again.deliveries.account("a-server"), again.deliveries.account("another")) == (
        "ada@example.org",
        None,
    )
    again.close()


def test_a_record_that_was_changed_by_hand_is_told_as_that(home: Path, store: Store) -> None:
    scored(store, 1)
    raw = sqlite3.connect(home / "state.db")
    raw.execute("UPDATE entry SET record = '{'")
    raw.commit()
    raw.close()

    for look in (store.chain, store.verify, lambda: store.deliveries.owed(limit=9, now=NOW)):
        with pytest.raises(StoreBroken, match="cannot be read"):
            look()


def test_what_is_about_to_be_sent_is_noted_with_what_it_travels_in(store: Store) -> None:
    first, second, third = (scored(store, number) for number in range(3))

    store.deliveries.mark_sent([[first.id, second.id]])

    assert [(one.entry, one.sent_with) for one in store.deliveries.owed(limit=9, now=NOW)] == [
        (first, first.id), (second, first.id), (third, None),
    ]  # fmt: skip


def test_an_intent_that_is_left_open_is_settled_by_whoever_comes_next(store: Store) -> None:
    store.begin("left-open", "created", subject(), ACTOR, at=NOW)
    assert store.open_intents() == ()

    store.leave_open("left-open")

    assert [one.intent.id for one in store.open_intents()] == ["left-open"]


def test_a_store_that_another_process_holds_has_no_effect(home: Path) -> None:
    store = opened(home, busy_timeout_s=0.05)
    raw = sqlite3.connect(home / "state.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")

    assert code_of(lambda: scored(store, 1)) == "store-broken"

    raw.execute("ROLLBACK")
    raw.close()
    assert scored(store, 1).seq == 1
    store.close()


CHILD = f"""
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from flagwright.adapters.store import Store
from flagwright.core.records.entry import Actor, Subject
from flagwright.errors import StoreBroken

NOW = datetime(2026, 1, 2, tzinfo=UTC)
store = Store(Path(sys.argv[1]), new_writer="{WRITER}", busy_timeout_s=30)

def scored(number):
    name = f"{{sys.argv[2]}}-{{number:08}}"
    store.begin(name, "scored", Subject(project="p", flag="x" * 200), Actor(door="python"), at=NOW)
    store.settle(name, outcome="done", at=NOW)
    print(name, flush=True)
"""


def child(home: Path, name: str, body: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD + body, str(home), name], stdout=subprocess.PIPE, text=True
    )


def test_kill_9_loses_nothing_that_was_acknowledged(home: Path) -> None:
    acknowledged: list[str] = []
    for number in range(4):
        writer = child(
            home, f"round{number}", "number = 0\nwhile True:\n scored(number)\n number += 1"
        )
        assert writer.stdout
        acknowledged += [writer.stdout.readline().strip() for _ in range(15 + 7 * number)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += writer.stdout.read().split("\n")[:-1]
        writer.stdout.close()
        writer.wait()

    store = opened(home)
    for left in store.open_intents():
        store.settle(left.intent.id, outcome="failed", at=NOW)

    kept = [entry.id for entry in store.entries(limit=100_000)]
    assert set(acknowledged) <= set(kept)
    assert len(kept) == len(set(kept))
    assert store.verify() == ()
    store.close()


def test_two_processes_write_one_chain(home: Path, store: Store) -> None:
    each = "scored(number); store.deliveries.owed(limit=5, now=NOW); store.deliveries.counts()"
    body = f"for number in range(50): {each}"
    writers = [child(home, f"writer{number}", body) for number in range(2)]
    mine = [scored(store, number).id for number in range(50)]
    theirs = [line for writer in writers for line in writer.communicate()[0].split()]

    assert [writer.returncode for writer in writers] == [0, 0]
    assert len(theirs) == 100
    assert {entry.id for entry in store.entries(limit=1000)} == {*mine, *theirs}
    assert store.deliveries.counts().owed == 150
    assert store.verify() == ()


def test_a_full_disk_acknowledges_nothing_it_did_not_keep(home: Path) -> None:
    body = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (800_000, 800_000))
try:
    for number in range(10_000): scored(number)
except StoreBroken as error:
    print(error.code)
"""
    acknowledged = child(home, "filler", body).communicate()[0].split()

    store = opened(home)
    assert acknowledged.pop() == "store-broken"
    assert len(acknowledged) > 5
    assert [entry.id for entry in reversed(store.entries(limit=10_000))] == acknowledged
    assert store.verify() == ()
    store.close()


def test_a_fork_writes_to_the_same_chain(home: Path, store: Store) -> None:
    scored(store, 1)
    pid = os.fork()
    if pid == 0:
        scored(store, 2)
        store.close()
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    scored(store, 3)

    assert status == 0
    assert [entry.seq for entry in store.entries()] == [3, 2, 1]
    assert verify(tuple(reversed(store.entries()))) == ()
