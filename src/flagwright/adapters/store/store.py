"""The store of one installation: each method is one transaction."""

from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from flagwright.adapters.store import decisions, desk, entries, intents, place, plans, rights
from flagwright.adapters.store.database import Database
from flagwright.adapters.store.entries import Counts, Owed
from flagwright.adapters.store.intents import OpenIntent
from flagwright.core.audit import Copy
from flagwright.core.ledger import Intent, Problem, chain, verify
from flagwright.core.records.decision import Decision
from flagwright.core.records.entry import Action, Actor, LedgerEntry, Outcome, Subject
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
        self._directory = directory
        try:
            place.make_private(directory)
            with place.locked(directory / "open.lock", wait=True):
                self._presence = place.Presence(directory / "alive")
                self._key = place.key(directory / "key")
                self._database = Database(
                    directory / "state.db", new_writer=new_writer, busy_timeout_s=busy_timeout_s
                )
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
            action: What is tried.
            subject: What it is tried on, as far as that is known.
            actor: Who tries it.
            at: Now, aware UTC.
            plan: The plan that is acted on.
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
    ) -> LedgerEntry:
        """Commit the outcome as the next entry, together with the local state it goes with.

        Args:
            intent_id: What was begun.
            outcome: What came of it.
            at: When that was known, aware UTC.
            code: Error code of a refusal or failure.
            subject: What it was tried on, where more is known than at the beginning.
            actor: Who it was, where that is only known now.
            change: Digest of the change.
            policy: Digest of the policies.
            plan: The plan that was made or acted on.
            plan_state: The state that the plan gets; `proposed` stores it.
            decision: What a person said about the plan.
            score: Where it differs from the plan's.
            band: Where it differs from the plan's.
            blobs: Bytes before and after, by SHA-256.

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
            entry = chain(
                head,
                intent.model_copy(update=known),
                writer=writer,
                outcome=outcome,
                at=at,
                code=code,
            )
            entries.append(connection, entry)
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
                connection,
                name,
                nonce,
                owner=self._presence.name,
                is_alive=self._presence.is_alive,
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
            decisions.ask(connection, self._key, plan_digest, code, now)

    def answer_challenge(self, plan_digest: str, code: str, now: datetime) -> bool:
        """Whether a code is right: at most five tries in two minutes, and once."""
        with self._database.transaction() as connection:
            return decisions.answer(connection, self._key, plan_digest, code, now)

    # --- the review page

    def serving_page(self, address: str) -> AbstractContextManager[bool]:
        """Be the one review page of this installation; false where another process is."""
        return desk.held(self._directory / "page.lock", address)

    def served_page(self) -> str | None:
        """Address of the review page, if some process serves it now."""
        return desk.found(self._directory / "page.lock")

    def keep_rights(self, plan: str, found: Mapping[str, int]) -> None:
        """Keep the rights of files that a plan is about to remove."""
        with self._database.transaction() as connection:
            rights.keep(connection, plan, found)

    def rights(self, plan: str) -> dict[str, int]:
        """Rights of the files that a plan removed, by path."""
        with self._database.transaction() as connection:
            return rights.of(connection, plan)

    def new_sign_in(self, page: str, code: str, now: datetime, *, shown_by: str) -> None:
        """Keep the keyed hash of a code for the page, and by which programs it is shown."""
        with self._database.transaction() as connection:
            desk.ask(connection, self._key, page, code, now, shown_by=shown_by)

    def sign_in(self, page: str, code: str, now: datetime) -> str | None:
        """By which programs a code was shown; none where it is wrong, used or too old."""
        with self._database.transaction() as connection:
            return desk.answer(connection, self._key, page, code, now)

    def awaits_sign_in(self, page: str, now: datetime) -> bool:
        """Whether nobody has used the page's code yet."""
        with self._database.transaction() as connection:
            return desk.is_asked(connection, page, now)

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

    def chain(self) -> tuple[LedgerEntry, ...]:
        """Every entry of this installation, oldest first."""
        with self._database.transaction() as connection:
            return entries.chained(connection)

    def copy(self) -> Copy:
        """The whole chain, with what of it the server is not expected to hold."""
        with self._database.transaction() as connection:
            writer, _ = entries.head(connection)
            return Copy(
                writer=writer,
                entries=entries.chained(connection),
                undelivered=entries.ids(connection, "owed"),
                set_aside=entries.ids(connection, "aside"),
            )

    def verify(self) -> tuple[Problem, ...]:
        """What is wrong with the chain kept here."""
        with self._database.transaction() as connection:
            writer, head = entries.head(connection)
            return verify(entries.chained(connection), {writer: head})

    def counts(self) -> Counts:
        """How many entries were recorded and delivered, and are owed or set aside."""
        with self._database.transaction() as connection:
            return entries.counts(connection)

    # --- the outbox

    def delivering(self) -> AbstractContextManager[bool]:
        """Be the one who delivers, among all threads and processes; false where another is."""
        return place.locked(self._directory / "deliver.lock", wait=False)

    def owed(self, *, limit: int, now: datetime) -> list[Owed]:
        """Oldest entries to deliver now, in order; none while the first of them must wait."""
        with self._database.transaction() as connection:
            return entries.owed(connection, limit=limit, now=now)

    def hurry(self) -> None:
        """Let nothing that is owed wait any longer."""
        with self._database.transaction() as connection:
            entries.hurry(connection)

    def mark_sent(self, links: Iterable[Sequence[str]]) -> None:
        """Note, before each link of these travels, that the server may hold it from now on."""
        with self._database.transaction() as connection:
            for ids in links:
                entries.mark_sent(connection, ids)

    def mark_delivered(self, ids: Iterable[str], at: datetime) -> None:
        """Note that the server has shown that it holds these."""
        with self._database.transaction() as connection:
            entries.mark_delivered(connection, ids, at)

    def mark_failed(
        self, ids: Iterable[str], code: str, *, retry_after: timedelta | None, now: datetime
    ) -> None:
        """Note that the server did not take these now; they stay owed."""
        with self._database.transaction() as connection:
            entries.mark_failed(connection, ids, code, retry_after=retry_after, now=now)

    def set_aside(self, ids: Iterable[str], code: str) -> None:
        """Note that the server will never take these; they are kept and counted."""
        with self._database.transaction() as connection:
            entries.set_aside(connection, ids, code)

    def know_account(self, server: str, name: str) -> None:
        """Keep whose token it is that a server is spoken to with."""
        with self._database.transaction() as connection:
            entries.know_account(connection, server, name)

    def account(self, server: str) -> str | None:
        """Whose token it is, as the server last said; none: it was never asked."""
        with self._database.transaction() as connection:
            return entries.account(connection, server)

    def undelivered(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Which of these the server is not known to hold."""
        with self._database.transaction() as connection:
            return entries.undelivered(connection, list(ids))


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
