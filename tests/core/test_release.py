"""What accounts for a flag check, and what does not."""

from typing import Literal

import pytest

from flagwright.core.ledger import Intent, chain
from flagwright.core.records import Action, Actor, LedgerEntry, Subject, Tier
from flagwright.core.release import AddedCheck, judge_flag
from tests.installation import NOW

FLAG, REPOSITORY = "release.new-tax", "4ec44b770bc8d1b9"
CHECK = AddedCheck(flag=FLAG, path="tax.py", line=3)


def entry(
    action: Action,
    *,
    tier: Tier | None = None,
    kind: str = "wrap",
    repository: str = REPOSITORY,
    paths: tuple[str, ...] = ("tax.py",),
) -> LedgerEntry:
    intent = Intent(
        id=f"{action}-00000001",
        action=action,
        subject=Subject(project="default", flag=FLAG, repository=repository, paths=paths),
        actor=Actor(person="ada", door="terminal", tier=tier),
        at=NOW,
        plan="a" * 64,
        kind=kind,
    )
    return chain(None, intent, writer="a1b2c3d4e5f6", outcome="done", at=NOW)


APPROVED, APPLIED = entry("approved", tier="out-of-band"), entry("applied")


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([APPROVED, APPLIED], "accounted"),
        ([APPLIED, APPROVED], "no-plan"),
        ([APPROVED, APPLIED, entry("undone")], "no-plan"),
        ([APPROVED, entry("applied", kind="retire")], "no-plan"),
        ([APPROVED, entry("applied", repository="ffffffffffffffff")], "no-plan"),
        ([APPROVED, entry("applied", paths=("other.py",))], "no-plan"),
        ([APPROVED, entry("applied", paths=tuple(f"{n}.py" for n in range(30)))], "accounted"),
        ([entry("approved", tier="dialog"), APPLIED], "no-plan"),
        ([APPROVED.model_copy(update={"band": "low"}), APPLIED], "no-plan"),
        ([], "no-plan"),
    ],
)
def test_only_an_approved_and_applied_plan_accounts_for_a_check(
    entries: list[LedgerEntry], found: str
) -> None:
    judged = judge_flag(
        [CHECK], state="living", needed="out-of-band", entries=entries, repository=REPOSITORY
    )

    assert judged.found == found


@pytest.mark.parametrize(
    ("state", "found"),
    [("living", "not-needed"), ("archived", "archived"), ("unknown", "no-flag")],
)
def test_a_flag_must_live_whatever_is_needed(
    state: Literal["living", "archived", "unknown"], found: str
) -> None:
    judged = judge_flag([CHECK], state=state, needed=None, entries=[], repository=REPOSITORY)

    assert judged.found == found
