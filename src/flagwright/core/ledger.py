"""Chain what was done into entries that cannot be changed unseen, and carry them in a link.

Pure: ids and times come in. An entry holds digests, counts and paths, never code and never
a secret. Absent values are left out of a hash and of a link; entries of version 1, whose
hash had them as null, still verify.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby, pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from flagwright.core.record import Record, Sha256, digest
from flagwright.core.records.entry import Intent, LedgerEntry, Outcome
from flagwright.errors import RecordUnreadable

START = "0" * 64
"""`prev` of a writer's first entry."""
MAX_PATHS = 20
MAX_URL_CHARS = 60_000
"""A body of 100 kB is the most that an Unleash server takes."""

_ENTRIES = TypeAdapter(tuple[LedgerEntry, ...])
_NAME = re.compile(r"[A-Za-z0-9._~-]{1,100}")
_V1 = {"v", "id", "writer", "seq", "prev", "action", "outcome", "code", "subject", "actor"}
_V1 |= {"change", "policy", "plan", "score", "band", "at"}
_V1_INNER = {
    "subject": ("project", "flag", "repository", "commit", "paths", "paths_total"),
    "actor": ("person", "assistant", "door", "tier"),
}
"""What version 1 was made of, absent or not."""


class Problem(Record):
    """One thing wrong with a chain."""

    kind: Literal["missing", "altered", "reordered", "duplicated", "forged"]
    writer: str
    seq: Annotated[int, Field(ge=1)]
    """The entry that shows it; for `missing`, the first that is not there."""
    because: str

    def in_words(self) -> str:
        """The same, on one line."""
        return f"{self.kind}: entry {self.seq} of {self.writer}: {self.because}"


class Head(Record):
    """How far a writer's chain is known to reach."""

    seq: Annotated[int, Field(ge=0)] = 0
    hash: Sha256 = START


def chain(
    head: LedgerEntry | Head | None,
    intent: Intent,
    *,
    writer: str,
    outcome: Outcome,
    at: datetime,
    code: str | None = None,
) -> LedgerEntry:
    """Write the entry that follows `head`, whose outcome was known at `at`."""
    head = head or Head()
    subject = intent.subject
    content = intent.model_dump() | {
        "v": 2,
        "writer": writer,
        "seq": head.seq + 1,
        "prev": head.hash,
        "outcome": outcome,
        "code": code,
        "subject": subject.model_copy(
            update={
                "paths": subject.paths[:MAX_PATHS],
                "paths_total": max(subject.paths_total, len(subject.paths)),
                "written": subject.written and subject.written[:MAX_PATHS],
            }
        ),
        "at": at.astimezone(UTC),
    }
    unsealed = LedgerEntry.model_validate({**content, "hash": START})
    return unsealed.model_copy(update={"hash": seal(unsealed)})


def seal(entry: LedgerEntry) -> str:
    """Hash over what an entry says."""
    return digest(sealed(entry))


def sealed(entry: LedgerEntry) -> dict[str, Any]:
    """Everything that the hash of an entry is over: all but `hash` itself."""
    if entry.v > 1:
        return entry.model_dump(mode="json", exclude={"hash"}, exclude_none=True)
    content = entry.model_dump(mode="json", include=_V1)
    for name, known in _V1_INNER.items():
        content[name] = {key: content[name][key] for key in known}
    return content


# --- checking


def verify(
    entries: Iterable[LedgerEntry], heads: Mapping[str, Head] | None = None
) -> tuple[Problem, ...]:
    """Name everything wrong with the chains of some writers, by writer and place.

    Args:
        entries: Whole chains from their first entry, each in the order it was kept in.
        heads: What each writer is known to have written last: shows a cut tail, and a
            chain that was rewritten from the first entry on.
    """
    heads = heads or {}
    given = sorted(entries, key=lambda entry: entry.writer)
    writers = {writer: tuple(group) for writer, group in groupby(given, lambda e: e.writer)}
    return tuple(
        problem
        for writer in sorted(writers.keys() | heads.keys())
        for problem in _problems(writer, writers.get(writer, ()), heads.get(writer))
    )


def _problems(writer: str, entries: Sequence[LedgerEntry], head: Head | None) -> Iterator[Problem]:
    def problem(kind: str, seq: int, because: str) -> Problem:
        return Problem.model_validate(
            {"kind": kind, "writer": writer, "seq": seq, "because": because}
        )

    for one, other in pairwise(entries):
        if other.seq < one.seq:
            yield problem("reordered", other.seq, f"it is kept after entry {one.seq}")
    for entry in entries:
        if seal(entry) != entry.hash:
            yield problem("altered", entry.seq, "its content is not what its hash was made of")
    last = Head()
    for entry in sorted(entries, key=lambda entry: entry.seq):
        if entry.seq == last.seq and entry.hash == last.hash:
            yield problem("duplicated", entry.seq, "it is there more than once")
            continue
        if entry.seq == last.seq:
            yield problem("forged", entry.seq, "two different entries claim this place")
            continue
        if entry.seq > last.seq + 1:
            yield problem("missing", last.seq + 1, f"nothing before entry {entry.seq}")
        elif entry.prev != last.hash:
            yield problem("forged", entry.seq, f"it does not follow the entry {last.seq} kept here")
        last = Head(seq=entry.seq, hash=entry.hash)
    if head and last.seq < head.seq:
        yield problem("missing", last.seq + 1, f"entries up to {head.seq} were written")
    elif head and last.seq == head.seq and last.hash != head.hash:
        yield problem("forged", head.seq, "the writer's last entry has another hash")


# --- carrying


def to_link(entries: LedgerEntry | Sequence[LedgerEntry], host: str) -> tuple[str, str]:
    """Link of one entry or of a chained batch: a URL whose fragment holds them, and a title.

    The title names the id of each entry and the flags that they are about, so that a search on
    the server finds them.

    Args:
        entries: At least one; `batches` cuts many so that each link fits.
        host: Host name in the URL; nothing is ever fetched from it.
    """
    batch = (entries,) if isinstance(entries, LedgerEntry) else tuple(entries)
    last = batch[-1]
    ids = " ".join(f"id={entry.id}" for entry in batch)
    what = last.action if len(batch) == 1 else f"{len(batch)} records"
    flags = dict.fromkeys(entry.subject.flag for entry in batch)
    about = "".join(f" flag={flag}" for flag in flags if flag and is_name(flag))
    risk = f" risk={last.score:g}" if len(batch) == 1 and last.score is not None else ""
    return f"https://{host}/r/{last.id}#{_fragment(batch)}", (
        f"flagwright {what} {ids}{about}{risk} h={last.hash[:16]}"
    )


def is_name(flag: str) -> bool:
    """Whether a flag server can have a flag of that name; what was refused may be anything."""
    return _NAME.fullmatch(flag) is not None and flag not in {".", ".."}


def from_url(url: str) -> tuple[LedgerEntry, ...]:
    """Entries in the fragment of a link, as they were written; `verify` judges them.

    Raises:
        RecordUnreadable: If the link holds anything else.
    """
    fragment = url.partition("#")[2]
    try:
        content = base64.b64decode(fragment + "=" * (-len(fragment) % 4), b"-_", validate=True)
        return _ENTRIES.validate_json(content)
    except (binascii.Error, ValueError, ValidationError) as error:
        raise RecordUnreadable(
            f"A link of {len(url)} characters holds no ledger entries.",
            next_step="Somebody changed the link on the flag server; the local ledger is intact.",
        ) from error


def batches(entries: Iterable[LedgerEntry], host: str) -> Iterator[tuple[LedgerEntry, ...]]:
    """Cut entries, in their order, into batches whose links stay under the server's limit."""
    batch: list[LedgerEntry] = []
    chars = limit = MAX_URL_CHARS - len(f"https://{host}/r/#") - 60
    for entry in entries:
        need = 4 * len(_text(entry).encode()) // 3 + 4
        if batch and need > chars:
            yield tuple(batch)
            batch, chars = [], limit
        batch.append(entry)
        chars -= need
    if batch:
        yield tuple(batch)


def _fragment(entries: Sequence[LedgerEntry]) -> str:
    content = f"[{','.join(map(_text, entries))}]"
    return base64.urlsafe_b64encode(content.encode()).rstrip(b"=").decode()


def _text(entry: LedgerEntry) -> str:
    return entry.model_dump_json(exclude_none=True)
