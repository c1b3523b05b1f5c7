"""What accounts for a flag check, and what does not."""

from typing import Literal

import pytest

from flagwright.core.audit import Witness
from flagwright.core.ledger import chain
from flagwright.core.records.decision import Tier
from flagwright.core.records.entry import Action, Actor, Intent, LedgerEntry, Subject
from flagwright.core.release import AddedCheck, Merged, credible, judge_flag
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
    commit: str | None = None,
) -> LedgerEntry:
    intent = Intent(
        id=f"{action}-00000001",
        action=action,
        subject=Subject(
            project="default", flag=FLAG, repository=repository, paths=paths, commit=commit
        ),
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
        [CHECK],
        state="living",
        needed="out-of-band",
        entries=entries,
        repository=REPOSITORY,
        merged=Merged(),
    )

    assert judged.found == found


@pytest.mark.parametrize(
    ("state", "found"),
    [("living", "not-needed"), ("archived", "archived"), ("unknown", "no-flag")],
)
def test_a_flag_must_live_whatever_is_needed(
    state: Literal["living", "archived", "unknown"], found: str
) -> None:
    judged = judge_flag(
        [CHECK], state=state, needed=None, entries=[], repository=REPOSITORY, merged=Merged()
    )

    assert judged.found == found


@pytest.mark.parametrize(
    ("commits", "owned", "needed", "found", "because"),
    [
        ({"c1"}, {"tax.py"}, "out-of-band", "accounted", "merged through CODEOWNERS"),
        ({"c1"}, {"tax.py"}, "attested", "accounted", "merged through CODEOWNERS"),
        ({"c2"}, {"tax.py"}, "attested", "no-plan", "that commit is not in the range"),
        ({"c1"}, set(), "attested", "no-plan", "CODEOWNERS had nobody for tax.py"),
    ],
    ids=["merged", "as good as attested", "another commit", "nobody owns it"],
)
def test_an_exported_plan_counts_as_its_very_commit_on_files_that_have_owners(
    commits: set[str], owned: set[str], needed: Tier, found: str, because: str
) -> None:
    judged = judge_flag(
        [CHECK],
        state="living",
        needed=needed,
        entries=[entry("exported", commit="c1")],
        repository=REPOSITORY,
        merged=Merged(commits=frozenset(commits), owned=frozenset(owned)),
    )

    assert judged.found == found
    assert because in judged.because


@pytest.mark.parametrize(("user", "counts"), [(7, True), (2, False), (0, False)])
def test_an_attestation_counts_as_the_event_of_another_person_than_the_author(
    user: int, counts: bool
) -> None:
    """A12: the author's own installation says in its ledger what it likes."""

    def seen(what: LedgerEntry, event: int, by: int) -> Witness:
        return Witness(entry=what, event=event, by="x", user=by, at=NOW, flag=FLAG)

    attested = entry("approved", tier="attested")
    held = [seen(entry("proposed"), 1, 2), seen(attested, 2, user), seen(APPLIED, 3, 2)]

    assert (attested in credible(held)) == counts
    assert attested not in credible(held[1:])
