"""The store of one installation: each method is one transaction."""

from collections.abc import Container, Mapping
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from flagwright.adapters.store import codes, decisions, entries, intents, place, plans
from flagwright.adapters.store.database import Database
from flagwright.adapters.store.deliveries import Deliveries
from flagwright.adapters.store.desk import Desk
from flagwright.adapters.store.intents import OpenIntent
from flagwright.core.audit import Copy
from flagwright.core.ledger import Problem, chain, verify
from flagwright.core.records.decision import Decision
from flagwright.core.records.entry import Action, Actor, Intent, LedgerEntry, Outcome, Subject
from flagwright.core.records.plan import Plan, PlanState
from flagwright.core.records.score import Band
from flagwright.errors import PlanUsed, StoreBroken


class Store:
    """Plans, decisions, intents and the ledger, in a folder of this user alone.

    The thread-safe handle of one process, good across a fork. Every method raises
    `StoreBroken` where the disk or the database fails; nothing was changed then.
    """

    def __init__(self, directory: Path, *, new_writer: str, busy_timeout_s: float = 5) -> None:
        """Open the store, making it where there is none.

        Args:
            directory: In the user's state folder, never in a repository.
            new_writer: 12 hex digits that name this installation, if it has no name yet.
            busy_timeout_s: How long to wait for another process's transaction.

        Raises:
            StoreBroken: If others can read the folder, or the database is damaged.
        """
        try:
            place.make_private(directory)
            with place.locked(directory / "open.lock", wait=True):
                self._presence = place.Presence(directory / "alive")
                self._key = place.key(directory / "key")
                self._database = Database(
                    directory / "state.db", new_writer=new_writer, busy_timeout_s=busy_timeout_s
                )
            self.deliveries = Deliveries(self._database, directory / "deliver.lock")
            self.desk = Desk(self._database, self._key, directory / "page.lock")
        except OSError as error:
            raise StoreBroken(
                f"{directory} cannot be used: {error.strerror}.",
                next_step="Make the state folder writable for you alone.",
            ) from error

    def close(self) -> None:
        """Let go of the database and of this process's presence."""
        self._database.close()
        self._presence.leave()

    # --- acting

    def begin(
        self,
        intent_id: str,
        action: Action,
        subject: Subject,
        actor: Actor,
        *,
        at: datetime,
        plan: Plan | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> None:
        """Commit that an action is about to be tried. Only then may it have an effect.

        Args:
            intent_id: Becomes the id of the entry.
            payload: JSON values that settling after a crash needs to know.
        """
        intent = Intent(
            id=intent_id,
            action=action,
            subject=subject,
            actor=actor,
            at=at,
            plan=plan.digest if plan else None,
            kind=plan.kind if plan else None,
        )
        with self._database.transaction() as connection:
            intents.add(connection, intent, payload, owner=self._presence.name)

    def settle(
        self,
        intent_id: str,
        *,
        outcome: Outcome,
        at: datetime,
        code: str | None = None,
        subject: Subject | None = None,
        actor: Actor | None = None,
        change: str | None = None,
        policy: str | None = None,
        plan: Plan | None = None,
        plan_state: PlanState | None = None,
        decision: Decision | None = None,
        score: float | None = None,
        band: Band | None = None,
        blobs: Mapping[str, bytes] | None = None,
        refusal: tuple[str, str] | None = None,
    ) -> LedgerEntry:
        """Commit the outcome as the next entry, together with the local state it goes with.

        What is known now counts over what was known when it was begun, and over the plan's.

        Args:
            plan_state: The state that the plan gets; `proposed` stores it.
            blobs: Bytes before and after, by SHA-256.
            refusal: The fact and the next step that were told; no part of the entry.

        Raises:
            PlanUsed: If the plan cannot get this state any more. The entry is then written
                as refused, and nothing else.
        """
        with self._database.transaction() as connection:
            intent = intents.take(connection, intent_id)
            digest = plan.digest if plan else intent.plan
            if plan and plan_state == "proposed":
                plans.keep_blobs(connection, blobs or {})
                plans.add(connection, plan, plan_state)
            elif not self._move(connection, digest, plan_state, decision):
                outcome, code, decision = "refused", PlanUsed.code, None
            if decision:
                decisions.add(connection, self._key, decision)
            known = _given(subject=subject, actor=actor, change=change, policy=policy, plan=digest)
            if plan:
                known |= _given(score=plan.score, band=plan.band, kind=plan.kind)
            known |= _given(score=score, band=band)
            writer, head = entries.head(connection)
            intent = intent.model_copy(update=known)
            entry = chain(head, intent, writer=writer, outcome=outcome, at=at, code=code)
            entries.append(connection, entry)
            if refusal:
                entries.keep_refusal(connection, entry.id, *refusal)
        if code == PlanUsed.code and plan_state:
            raise PlanUsed(
                f"Plan {str(digest)[:12]} was decided or used meanwhile.",
                next_step="Look at it again: flagwright plans",
            )
        return entry

    def _move(
        self,
        connection: Connection,
        digest: str | None,
        state: PlanState | None,
        decision: Decision | None,
    ) -> bool:
        """Bring a plan into a state, if it is to get one; whether it could be."""
        if not digest or not state:
            return True
        nonce = decision.nonce if decision else None
        return plans.move(connection, digest, state, nonce=nonce, is_alive=self._presence.is_alive)

    def leave_open(self, intent_id: str) -> None:
        """Leave an intent to whoever settles next: nobody can tell now what became of it."""
        with self._database.transaction() as connection:
            intents.leave(connection, intent_id)

    def open_intents(self, actions: Container[Action] | None = None) -> tuple[OpenIntent, ...]:
        """What was left open, or begun by processes that are gone, oldest first; all or some.

        Each is given to one process only, which settles it, or leaves it again.
        """
        with self._database.transaction() as connection:
            return intents.adopt(
                connection, actions, owner=self._presence.name, is_alive=self._presence.is_alive
            )

    # --- plans

    def plan(self, name: str) -> tuple[Plan, PlanState]:
        """One plan by its id, its digest or a unique beginning of four digits, and its state.

        Raises:
            PlanUnknown: If there is none.
            BadRequest: If there are several, or it is no id.
        """
        with self._database.transaction() as connection:
            return plans.find(connection, name)

    def plans(
        self, state: PlanState | None = None, root: str | None = None
    ) -> tuple[tuple[Plan, PlanState], ...]:
        """Every plan, or those in a state or of a repository, newest first."""
        with self._database.transaction() as connection:
            return plans.newest_first(connection, state, root)

    def blob(self, sha256: str) -> bytes:
        """Bytes of a plan's file, before or after."""
        with self._database.transaction() as connection:
            return plans.blob(connection, sha256)

    def claim_plan(self, name: str, nonce: str) -> None:
        """Take the one use of an approval, before the first byte is written.

        It stays taken until the plan is applied, it is released, or this process is gone.

        Raises:
            PlanUsed: If somebody else took it.
        """
        with self._database.transaction() as connection:
            plans.claim(
                connection, name, nonce, owner=self._presence.name, is_alive=self._presence.is_alive
            )

    def release_plan(self, name: str, nonce: str) -> None:
        """Give back the use of an approval, because every file is as it was."""
        with self._database.transaction() as connection:
            plans.release(connection, name, nonce, owner=self._presence.name)

    # --- decisions

    def decision(self, plan_digest: str) -> Decision | None:
        """Newest decision about a plan.

        Raises:
            ApprovalRefused: If it was not made by this installation.
        """
        with self._database.transaction() as connection:
            return decisions.newest(connection, self._key, plan_digest)

    def new_challenge(self, plan_digest: str, code: str, now: datetime) -> None:
        """Keep the keyed hash of a code that is shown to a person; an older one is void."""
        with self._database.transaction() as connection:
            codes.ask(connection, self._key, "code", plan_digest, code, now)

    def answer_challenge(self, plan_digest: str, code: str, now: datetime) -> bool:
        """Whether a code is right: at most five tries in two minutes, and once."""
        with self._database.transaction() as connection:
            return codes.answer(connection, self._key, "code", plan_digest, code, now) is not None

    def keep_rights(self, plan: str, found: Mapping[str, int]) -> None:
        """Keep the rights of files that a plan is about to remove."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO rights VALUES (?, ?, ?)",
                [(plan, path, mode) for path, mode in found.items()],
            )

    def rights(self, plan: str) -> dict[str, int]:
        """Rights of the files that a plan removed, by path."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT path, mode FROM rights WHERE plan = ?", (plan,))
            return dict(rows.fetchall())

    # --- the ledger

    def entries(
        self,
        *,
        flag: str | None = None,
        plan: str | None = None,
        action: Action | None = None,
        limit: int = 20,
    ) -> tuple[LedgerEntry, ...]:
        """Entries about a flag, about the plan with a digest, or of an action; newest first."""
        with self._database.transaction() as connection:
            return entries.newest_first(
                connection, flag=flag, plan=plan, action=action, limit=limit
            )

    def entry(self, name: str) -> LedgerEntry | None:
        """One entry by its number or its id."""
        with self._database.transaction() as connection:
            return entries.find(connection, name)

    def refusal(self, entry: str) -> tuple[str, str] | None:
        """The fact and the next step with which an action was refused, by the id of its entry."""
        with self._database.transaction() as connection:
            return entries.refusal(connection, entry)

    def chain(self) -> tuple[LedgerEntry, ...]:
        """Every entry of this installation, oldest first."""
        with self._database.transaction() as connection:
            rows = entries.chained(connection)
        return entries.read(rows)

    def copy(self) -> Copy:
        """The whole chain, with what of it the server is not expected to hold."""
        with self._database.transaction() as connection:
            writer, _ = entries.head(connection)
            rows = entries.chained(connection)
            owed, aside = entries.ids(connection, "owed"), entries.ids(connection, "aside")
            again = entries.sent_again(connection)
        return Copy(
            writer=writer,
            entries=entries.read(rows),
            undelivered=owed,
            set_aside=aside,
            again=again,
        )

    def verify(self) -> tuple[Problem, ...]:
        """What is wrong with the chain kept here."""
        with self._database.transaction() as connection:
            writer, head = entries.head(connection)
            rows = entries.chained(connection)
        return verify(entries.read(rows), {writer: head})


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
