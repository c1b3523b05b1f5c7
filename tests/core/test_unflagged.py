"""What a range has without the flag that an applied plan put there."""

import pytest

from flagwright.core.ledger import chain
from flagwright.core.record import text_digest
from flagwright.core.records.entry import Action, Actor, Intent, LedgerEntry, Subject, Written
from flagwright.core.unflagged import Versions, applied_here, unflagged
from tests.installation import NOW

FLAG, HERE = "release.new-tax", "4ec44b770bc8d1b9"
OLD, NEW = b"tax = 19\n", b"tax = 20\n"
WRAPPED = b"tax = 20 if client.is_enabled('release.new-tax') else 19\n"


def digest(text: bytes) -> str:
    found = text_digest(text)
    assert found
    return found


WRITTEN = Written(path="tax.py", now=digest(WRAPPED), before=(digest(NEW),))


def entry(
    action: Action,
    *,
    kind: str = "wrap",
    plan: str = "a",
    repository: str | None = HERE,
    written: tuple[Written, ...] | None = (WRITTEN,),
) -> LedgerEntry:
    subject = Subject(project="default", flag=FLAG, repository=repository, written=written)
    intent = Intent(
        id=f"{action}-00000001",
        action=action,
        subject=subject,
        actor=Actor(door="terminal"),
        at=NOW,
        plan=plan * 64,
        kind=kind,
    )
    return chain(None, intent, writer="a1b2c3d4e5f6", outcome="done", at=NOW)


APPLIED = entry("applied")


@pytest.mark.parametrize(
    ("since", "counts"),
    [
        ([], True),
        ([entry("undone")], False),
        ([entry("undone", plan="b")], True),
        ([entry("applied", kind="retire", plan="b")], False),
        ([entry("archived", repository=None)], False),
    ],
)
def test_a_plan_counts_until_it_is_undone_or_its_flag_is_done_with(
    since: list[LedgerEntry], counts: bool
) -> None:
    assert bool(applied_here([APPLIED, *since], HERE)) == counts
    assert applied_here([APPLIED], "ffffffffffffffff") == ()


@pytest.mark.parametrize(
    ("versions", "is_told"),
    [
        (Versions(before=OLD, between=(NEW,), after=NEW), True),
        (Versions(before=OLD, between=(NEW,), after=NEW.replace(b"\n", b"\r\n")), True),
        (Versions(before=OLD, between=(NEW, WRAPPED), after=WRAPPED), False),
        (Versions(before=OLD, between=(WRAPPED, NEW), after=NEW), False),
        (Versions(before=WRAPPED, between=(NEW,), after=NEW), False),
        (Versions(before=OLD, between=(NEW, OLD), after=OLD), False),
        (Versions(before=OLD, between=(NEW, NEW + b"a = 1\n"), after=NEW + b"a = 1\n"), True),
        (Versions(before=OLD, between=(NEW, b"tax = 21\n"), after=b"tax = 21\n"), False),
        (Versions(before=OLD, between=(b"tax = 21\n",), after=b"tax = 21\n"), False),
        (Versions(before=NEW, between=(), after=NEW), False),
    ],
)
def test_a_text_without_the_flag_is_told_only_where_it_is_the_replaced_one(
    versions: Versions, is_told: bool
) -> None:
    assert unflagged(APPLIED, {"tax.py": versions}) == (("tax.py",) if is_told else ())


def test_an_entry_of_an_older_version_says_nothing() -> None:
    versions = {"tax.py": Versions(before=OLD, between=(NEW,), after=NEW)}

    assert unflagged(entry("applied", written=None), versions) == ()


@pytest.mark.parametrize(
    ("asking", "is_told"),
    [
        (b"from app.flags import client\n" + WRAPPED, True),
        (b"from app.toggles import client\n" + WRAPPED, False),
        (NEW, False),
    ],
)
def test_a_new_file_that_is_not_there_is_told_where_what_is_there_loads_it(
    asking: bytes, is_told: bool
) -> None:
    module = Written(path="app/flags.py", now=digest(b"client = None\n"), before=(None,))
    plan = entry("applied", written=(WRITTEN.model_copy(update={"now": digest(asking)}), module))
    versions = {
        "tax.py": Versions(before=OLD, between=(asking,), after=asking),
        "app/flags.py": Versions(before=None, between=(), after=None),
    }

    assert ("app/flags.py" in unflagged(plan, versions)) == is_told


def test_an_old_file_that_the_range_takes_away_is_told() -> None:
    """It was renamed in the index, and the plan had kept it for the old code."""
    kept = Written(path="tax.py", now=digest(OLD), before=(None,))
    versions = {"tax.py": Versions(before=b"tax = 18\n", between=(None,), after=None)}

    assert unflagged(entry("applied", written=(kept,)), versions) == ("tax.py",)
