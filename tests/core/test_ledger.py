"""A chain shows every change made to it, and a link carries it byte for byte."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from flagwright.core.ledger import (
    MAX_URL_CHARS,
    Head,
    batches,
    chain,
    from_url,
    seal,
    sealed,
    to_link,
    verify,
)
from flagwright.core.records.entry import Actor, Intent, LedgerEntry, Subject
from flagwright.errors import RecordUnreadable

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WRITER = "a1b2c3d4e5f6"
HOST = "flagwright.invalid"


def intent(number: int, *, paths: int = 1, flag: str = "release.new-tax") -> Intent:
    return Intent(
        id=f"{number:032x}",
        action="scored",
        subject=Subject(
            project="default", flag=flag, paths=tuple(f"src/{n}.py" for n in range(paths))
        ),
        actor=Actor(person="ada", assistant="claude-code 2.1", door="assistant"),
        at=NOW,
        score=72,
        band="high",
    )


def chained(count: int, *, paths: int = 1) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    for number in range(count):
        last = entries[-1] if entries else None
        entries.append(
            chain(last, intent(number, paths=paths), writer=WRITER, outcome="done", at=NOW)
        )
    return entries


def altered(entry: LedgerEntry, **update: object) -> LedgerEntry:
    return entry.model_copy(update=update)


def resealed(entry: LedgerEntry, **update: object) -> LedgerEntry:
    changed = altered(entry, **update)
    return altered(changed, hash=seal(changed))


def test_an_entry_is_written_in_one_way_only(snapshot: SnapshotAssertion) -> None:
    (_, second) = chained(2)

    assert second.model_dump(mode="json") == snapshot
    assert to_link(second, HOST) == snapshot


FIRST_VERSION = (
    "https://flagwright.invalid/r/00000000000000000000000000000001#"
    "W3siYWN0aW9uIjoic2NvcmVkIiwiYWN0b3IiOnsiYXNzaXN0YW50IjoiY2xhdWRlLWNvZGUgMi4xIiwiZG9vciI6"
    "ImFzc2lzdGFudCIsInBlcnNvbiI6ImFkYSJ9LCJhdCI6IjIwMjYtMDEtMDJUMDM6MDQ6MDVaIiwiYmFuZCI6Imhp"
    "Z2giLCJoYXNoIjoiMzdkZWRhZTA2ZDNlNTI3NzcxNGEwY2JjMGQ5NTZjMGM5YzE0NmE5MjNmNzc5MmU5Y2NjNDNj"
    "ZTRmM2IwMDU4MiIsImlkIjoiMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDEiLCJvdXRjb21lIjoiZG9u"
    "ZSIsInByZXYiOiI4MWY3ZGY0MTY3ZjUwYzJjZDRhMzc1YjNiMDQxZTY1YjZjYmQ5MmQ5OTBjNTM2MThlZTg3OWVh"
    "ZGFhMGM0Y2FlIiwic2NvcmUiOjcyLjAsInNlcSI6Miwic3ViamVjdCI6eyJmbGFnIjoicmVsZWFzZS5uZXctdGF4"
    "IiwicGF0aHMiOlsic3JjLzAucHkiXSwicGF0aHNfdG90YWwiOjEsInByb2plY3QiOiJkZWZhdWx0In0sInYiOjEs"
    "IndyaXRlciI6ImExYjJjM2Q0ZTVmNiJ9XQ"
)
"""A link as version 1 wrote it, its hash over nulls too."""


def test_an_entry_of_the_first_version_still_verifies() -> None:
    (entry,) = from_url(FIRST_VERSION)

    assert entry.v == 1
    assert seal(entry) == entry.hash
    assert seal(altered(entry, score=71.0)) != entry.hash


def test_what_is_absent_is_not_in_a_hash() -> None:
    (entry,) = chained(1)

    assert None not in sealed(entry).values()
    assert "account" not in sealed(entry)["actor"]


def test_an_entry_names_at_most_twenty_paths_and_counts_them_all() -> None:
    (entry,) = chained(1, paths=33)

    assert len(entry.subject.paths) == 20
    assert entry.subject.paths_total == 33


def test_the_time_of_an_entry_is_utc_whatever_zone_it_came_in() -> None:
    at = NOW.astimezone(timezone(timedelta(hours=5)))

    entry = chain(None, intent(1), writer=WRITER, outcome="failed", code="x", at=at)

    assert entry.at.utcoffset() == timedelta(0)
    assert entry == chain(None, intent(1), writer=WRITER, outcome="failed", code="x", at=NOW)


def test_a_whole_chain_has_no_problem() -> None:
    entries = chained(5)
    head = Head(seq=5, hash=entries[-1].hash)

    assert verify([]) == ()
    assert verify(entries, {WRITER: head}) == ()


@pytest.mark.parametrize(
    ("spoil", "kinds"),
    [
        (lambda e: [e[0], *e[2:]], [("missing", 2)]),
        (lambda e: e[1:], [("missing", 1)]),
        (lambda e: e[:3], [("missing", 4)]),
        (lambda e: [], [("missing", 1)]),
        (lambda e: [e[0], altered(e[1], score=1.0), *e[2:]], [("altered", 2)]),
        (lambda e: [e[0], resealed(e[1], score=1.0), *e[2:]], [("forged", 3)]),
        (lambda e: [*e[:4], resealed(e[4], score=1.0)], [("forged", 5)]),
        (lambda e: [e[1], e[0], *e[2:]], [("reordered", 1)]),
        (lambda e: [e[0], *e], [("duplicated", 1)]),
        (lambda e: [*e, e[2]], [("reordered", 3), ("duplicated", 3)]),
        (lambda e: [*e[:2], resealed(e[1], score=1.0), *e[2:]], [("forged", 2)]),
        (lambda e: [resealed(e[0], prev="1" * 64), *e[1:]], [("forged", 1), ("forged", 2)]),
    ],
)
def test_what_was_done_to_a_chain_is_named(
    spoil: Callable[[Sequence[LedgerEntry]], list[LedgerEntry]], kinds: list[tuple[str, int]]
) -> None:
    entries = chained(5)
    head = Head(seq=5, hash=entries[-1].hash)

    problems = verify(spoil(entries), {WRITER: head})

    assert [(problem.kind, problem.seq) for problem in problems] == kinds


def test_chains_of_two_writers_are_judged_apart() -> None:
    mine = chained(2)
    other = chain(None, intent(9), writer="ffffffffffff", outcome="done", at=NOW)

    assert verify([mine[0], other, mine[1]]) == ()


def test_a_link_brings_back_the_entries_it_was_made_of() -> None:
    entries = chained(3)
    url, title = to_link(entries, HOST)

    assert from_url(url) == tuple(entries)
    assert all(f"id={entry.id}" in title for entry in entries)
    assert from_url(to_link(entries[0], HOST)[0]) == (entries[0],)


@given(flag=st.text(max_size=40), score=st.floats(min_value=0, max_value=100))
def test_any_text_and_number_survive_the_link(flag: str, score: float) -> None:
    deed = intent(1, flag=flag).model_copy(update={"score": score})
    entry = chain(None, deed, writer=WRITER, outcome="done", at=NOW)

    (back,) = from_url(to_link(entry, HOST)[0])

    assert back == entry
    assert seal(back) == back.hash


@pytest.mark.parametrize(
    "url", ["", "https://x/r/1", "https://x/#!!", "https://x/#e30", "https://x/#W3sidiI6MX1d"]
)
def test_a_link_that_holds_no_entries_is_refused(url: str) -> None:
    with pytest.raises(RecordUnreadable) as refused:
        from_url(url)

    assert refused.value.code == "record-unreadable"


def test_deep_nesting_in_a_link_is_refused() -> None:
    bomb = "https://x/#" + "W1tb" * 20_000

    with pytest.raises(RecordUnreadable):
        from_url(bomb)


def test_batches_keep_every_entry_in_order_and_fit_the_server() -> None:
    entries = chained(150, paths=20)

    cut = list(batches(entries, HOST))

    assert [entry for batch in cut for entry in batch] == entries
    assert len(cut) > 1
    assert max(len(to_link(batch, HOST)[0]) for batch in cut) <= MAX_URL_CHARS
