"""Find what was judged by its name, and tell why it was decided as it was.

What is told is of the very policies, score and outcome that a plan or an entry names. Where that is
not kept any more, this is said; another decision about the same change is never told instead.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from flagwright.adapters.store import Store
from flagwright.core.approval import case_of
from flagwright.core.demand import Server
from flagwright.core.policy.explain import LAYERS, Explanation, Reason, approval_reasons, explain
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.records.plan import Plan
from flagwright.core.records.score import Assessment
from flagwright.errors import BadRequest, FlagwrightError, RuleBlocks
from flagwright.workbench.rulebook import RuleBook
from flagwright.workbench.rules import Rules

FEWEST_DIGITS = 6
"""Shorter numbers are those of entries."""


class Explanations:
    """Of what one installation judged and recorded."""

    def __init__(self, store: Store, book: RuleBook, server: Server) -> None:
        self._store, self._book, self._server = store, book, server

    def of(self, what: str) -> Explanation:
        """Why a plan, an entry or a score is as it is.

        Raises:
            BadRequest: If nothing of that name was judged here.
        """
        is_number = what.isdigit() and len(what) < FEWEST_DIGITS
        if plan := None if is_number else self._plan(what):
            return self._of_plan(f"Plan {plan.id} ({plan.kind} {plan.flag})", plan)
        if entry := self._store.entry(what):
            return self._of_entry(entry)
        if found := self._book.assessment(what):
            return self._of_score(f"Change {found.change_digest[:12]}", found)
        raise BadRequest(
            f"Nothing that was judged here is called {what[:80]}.",
            next_step="Name a plan (flagwright plans), an entry (flagwright ledger --json), or "
            "the change of a score (flagwright score --json).",
        )

    def _plan(self, what: str) -> Plan | None:
        try:
            return self._store.plan(what)[0]
        except FlagwrightError:
            return None

    def _of_entry(self, entry: LedgerEntry) -> Explanation:
        flag = f" {entry.subject.flag}" if entry.subject.flag else ""
        about = f"Entry {entry.seq} ({entry.action}{flag}, {entry.at:%Y-%m-%d})"
        if entry.outcome != "done" and entry.code != RuleBlocks.code:
            return self._refused(about, entry)
        if plan := self._plan(entry.plan) if entry.plan else None:
            return self._of_plan(f"{about}, about plan {plan.id},", plan)
        if found := self._book.recorded(entry):
            return self._of_score(
                f"{about}, about change {found.change_digest[:12]},", found, entry.at
            )
        if entry.outcome != "done":
            return self._refused(about, entry)
        says = f"{about} is done; no change of code was judged for it."
        if entry.change:
            says = (
                f"{about} scored {entry.score:g} of 100, which is {entry.band} risk. Why is not "
                "kept any more: the newest thousand scores are."
            )
        return Explanation(about=about, says=says, policy=entry.policy)

    def _refused(self, about: str, entry: LedgerEntry) -> Explanation:
        """By the words that were told then."""
        words = self._store.refusal(entry.id)
        told = " ".join(words) if words else "In which words is not kept."
        code = f" ({entry.code})" if entry.code else ""
        return Explanation(
            about=about, says=f"{about} {_BECAME[entry.outcome]}{code}. {told}", policy=entry.policy
        )

    def _of_plan(self, about: str, plan: Plan) -> Explanation:
        found = plan.assessment
        if not found and plan.change_digest:
            found = self._book.assessment(plan.change_digest, plan.policy_digest)
        if found:
            return self._of_score(about, found, plan.created_at, plan)
        rules = self._rules(plan.policy_digest, plan.created_at)
        says = f"{about} is of {plan.band} risk."
        if rules is None:
            return Explanation(
                about=about, says=f"{says} {_NO_POLICIES}", policy=plan.policy_digest
            )
        reasons = tuple(self._approval(plan, rules))
        return Explanation(about=about, says=says, reasons=reasons, policy=plan.policy_digest)

    def _approval(self, plan: Plan, rules: Rules) -> Iterator[Reason]:
        case = case_of(plan, self._server)
        return approval_reasons(case, plan.rules, rules.approval, _place_in(rules))

    def _of_score(
        self, about: str, found: Assessment, at: datetime | None = None, plan: Plan | None = None
    ) -> Explanation:
        rules = self._rules(found.policy_digest, at)
        if rules is None:
            says = f"{about} scored {found.score:g} of 100. {found.because} {_NO_POLICIES}"
            return Explanation(about=about, says=says, policy=found.policy_digest)
        approval = [*self._approval(plan, rules)] if plan else []
        retires = plan is not None and plan.kind == "retire"
        return explain(about, found, rules.risk, _place_in(rules), approval, retires=retires)

    def _rules(self, digest: str, at: datetime | None) -> Rules | None:
        """The policies of a digest, as they were in force then; none where they are not kept."""
        kept = self._book.kept(digest)
        return self._book.again(kept, kept.touched, at.date() if at else None) if kept else None


_BECAME = {"refused": "was refused", "failed": "failed", "done": "is done"}
_NO_POLICIES = "The policies that counted are not kept here, so its reasons cannot be named."


def _place_in(rules: Rules) -> Callable[[str, tuple[str | int, ...]], tuple[str, str]]:
    return partial(_place, rules.loaded)


def _place(loaded: Mapping[str, Any], policy: str, key: tuple[str | int, ...]) -> tuple[str, str]:
    source, place = loaded[policy].place(*key)
    return LAYERS[source.layer], place
