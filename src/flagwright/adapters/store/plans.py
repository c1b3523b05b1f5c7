"""Rows of plans, of their bytes, and of who is just applying one."""

import re
from collections.abc import Callable, Iterable, Mapping
from sqlite3 import Connection, Row

from flagwright.adapters.store.database import kept
from flagwright.core.proposal import plan_digest
from flagwright.core.record import sha256
from flagwright.core.records.plan import Plan, PlanState
from flagwright.errors import BadRequest, PlanUnknown, PlanUsed, StoreBroken

FROM: Mapping[PlanState, tuple[PlanState, ...]] = {
    "proposed": (),
    "approved": ("proposed", "approved"),
    "rejected": ("proposed", "approved"),
    "expired": ("proposed", "approved"),
    "applied": ("approved",),
    "undone": ("applied",),
}
"""The states that each state may follow."""

_PREFIX = re.compile(r"[0-9a-f]{4,64}")
_LIST = "Plans of this installation: flagwright plans"


def keep_blobs(connection: Connection, blobs: Mapping[str, bytes]) -> None:
    """Keep bytes by their SHA-256."""
    connection.executemany("INSERT OR IGNORE INTO blob VALUES (?, ?)", blobs.items())


def blob(connection: Connection, digest: str) -> bytes:
    """Bytes by their SHA-256, exactly as they were kept."""
    row = connection.execute("SELECT content FROM blob WHERE sha256 = ?", (digest,)).fetchone()
    if row is None or sha256(row["content"]) != digest:
        raise StoreBroken(
            f"The bytes {digest[:12]} of a plan are missing or altered.",
            next_step="Make the plan again.",
        )
    content: bytes = row["content"]
    return content


def add(connection: Connection, plan: Plan, state: PlanState) -> None:
    """Keep a new plan; one that is there already stays where it stands."""
    connection.execute(
        "INSERT INTO plan (digest, root, state, created_at, record) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (plan.digest, plan.root, state, plan.created_at.timestamp(), plan.model_dump_json()),
    )


def find(connection: Connection, name: str) -> tuple[Plan, PlanState]:
    """One plan by its id, its digest or a unique beginning of at least four digits."""
    if not _PREFIX.fullmatch(name):
        raise BadRequest(
            f"{name[:80]!a} is no plan id: at least 4 of the digits 0-9 and a-f.", next_step=_LIST
        )
    rows = connection.execute(
        "SELECT record, digest, state FROM plan WHERE substr(digest, 1, ?) = ? LIMIT 2",
        (len(name), name),
    ).fetchall()
    if not rows:
        raise PlanUnknown(f"There is no plan {name} in this installation.", next_step=_LIST)
    if len(rows) > 1:
        raise BadRequest(f"More than one plan begins with {name}.", next_step=_LIST)
    return _read(rows[0])


def newest_first(
    connection: Connection, state: PlanState | None, root: str | None
) -> tuple[tuple[Plan, PlanState], ...]:
    """Every plan, or those in a state or of a repository."""
    rows = connection.execute(
        "SELECT record, digest, state FROM plan WHERE (?1 IS NULL OR state = ?1) "
        "AND (?2 IS NULL OR root = ?2) ORDER BY created_at DESC, digest",
        (state, root),
    )
    return tuple(_read(row) for row in rows)


def _read(row: Row) -> tuple[Plan, PlanState]:
    plan = kept(Plan, row["record"])
    if not plan.digest == row["digest"] == plan_digest(plan):
        raise StoreBroken(f"Plan {plan.id} was altered.", next_step="Make the plan again.")
    return plan, row["state"]


def move(
    connection: Connection,
    digest: str,
    state: PlanState,
    *,
    nonce: str | None,
    is_alive: Callable[[str], bool],
) -> bool:
    """Whether a plan may get this state, and has got it.

    While a living process applies a plan, only `applied` may follow.
    """
    _free_from_the_dead(connection, digest, is_alive)
    known = connection.execute(
        f"UPDATE plan SET state = ?, nonce = coalesce(?, nonce), claimed_by = NULL "  # noqa: S608
        f"WHERE digest = ? AND state IN ({_marks(FROM[state])}) "
        f"AND (claimed_by IS NULL OR ? = 'applied')",
        (state, nonce, digest, *FROM[state], state),
    )
    return known.rowcount == 1


def claim(
    connection: Connection, name: str, nonce: str, *, owner: str, is_alive: Callable[[str], bool]
) -> None:
    """Take the one use of an approval.

    Raises:
        PlanUsed: If it was taken, or the approval is no longer the newest.
    """
    plan, _ = find(connection, name)
    _free_from_the_dead(connection, plan.digest, is_alive)
    taken = connection.execute(
        "UPDATE plan SET claimed_by = ? "
        "WHERE digest = ? AND state = 'approved' AND nonce = ? AND claimed_by IS NULL",
        (owner, plan.digest, nonce),
    )
    if taken.rowcount != 1:
        raise PlanUsed(
            f"The approval of plan {plan.id} is used, or is being used.",
            next_step="Look at the ledger; wrap the change again for another plan.",
        )


def release(connection: Connection, name: str, nonce: str, *, owner: str) -> None:
    """Give back the use of an approval, when every file is as it was."""
    plan, _ = find(connection, name)
    connection.execute(
        "UPDATE plan SET claimed_by = NULL WHERE digest = ? AND nonce = ? AND claimed_by = ?",
        (plan.digest, nonce, owner),
    )


def _free_from_the_dead(
    connection: Connection, digest: str, is_alive: Callable[[str], bool]
) -> None:
    row = connection.execute("SELECT claimed_by FROM plan WHERE digest = ?", (digest,)).fetchone()
    if row and row["claimed_by"] and not is_alive(row["claimed_by"]):
        connection.execute("UPDATE plan SET claimed_by = NULL WHERE digest = ?", (digest,))


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
