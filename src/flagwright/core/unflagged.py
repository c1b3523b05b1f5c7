"""Find what a range commits without the flag, although an applied plan had put it there.

Pure. Nothing is guessed from the absence of a flag: somebody may have thrown the plan away. What
counts is that a text is in the range that the plan had replaced, and that no commit of it has
what the plan wrote. Whoever edits, formats or squashes a wrapped file keeps the flag's name in
it, so the name is looked for there, and not the digest of what was written.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from flagwright.core.ledger import seal
from flagwright.core.record import Record, text_digest
from flagwright.core.records.entry import LedgerEntry, Written
from flagwright.core.wrapping.sound import mention_of


class Versions(Record):
    """The texts of one file in a range; none: no file."""

    before: bytes | None
    between: tuple[bytes | None, ...]
    """As each commit of the range that touched it left it, in any order."""
    after: bytes | None


def applied_here(entries: Iterable[LedgerEntry], repository: str) -> tuple[LedgerEntry, ...]:
    """Wrapping plans that are applied in a repository: not undone, nor taken out since.

    Args:
        entries: In the server's order.
    """
    found: dict[str | None, LedgerEntry] = {}
    for entry in entries:
        if entry.outcome != "done" or seal(entry) != entry.hash:
            continue
        is_here = entry.subject.repository == repository
        if entry.action == "applied" and entry.kind == "wrap" and is_here:
            found[entry.plan] = entry
        elif entry.action == "undone":
            found.pop(entry.plan, None)
        elif entry.action == "archived" or (entry.action == "applied" and entry.kind == "retire"):
            flag = entry.subject.flag
            found = {plan: one for plan, one in found.items() if one.subject.flag != flag}
    return tuple(found.values())


def unflagged(plan: LedgerEntry, versions: Mapping[str, Versions]) -> tuple[str, ...]:
    """Files that a range has as they were without an applied plan.

    Args:
        versions: Of files of the plan; of those that cannot be read, none.
    """
    name = mention_of(plan.subject.flag or "")
    asking = [v.after for v in versions.values() if v.after and name.search(v.after)]
    return tuple(
        one.path
        for one in plan.subject.written or ()
        if one.path in versions and _is_without(one, versions[one.path], name, asking)
    )


def _is_without(
    written: Written, found: Versions, name: re.Pattern[bytes], asking: list[bytes]
) -> bool:
    texts = {found.before, *found.between, found.after}
    if written.now is None or any(
        text is not None and (name.search(text) or text_digest(text) == written.now)
        for text in texts
    ):
        return False
    if text_digest(found.after) in written.before:
        if found.after is None and found.before is None:
            return any(_loads(written.path, text) for text in asking)
        return found.after != found.before
    replaced = (t for t in found.between if t and text_digest(t) in written.before)
    return any(_holds_still(found, text) for text in replaced)


def _loads(path: str, text: bytes) -> bool:
    """Whether a text imports by the name of a file, as far as one line tells."""
    module = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    words = rb"(?m)^\s*(from|import)\b.*\b" + re.escape(module.encode()) + rb"\b"
    return re.search(words, text) is not None


def _holds_still(found: Versions, replaced: bytes) -> bool:
    """Whether all lines that a text brought are still new at the end of the range."""
    old = _lines(found.before)
    brought = _lines(replaced) - old
    return bool(brought) and brought <= _lines(found.after) - old


def _lines(text: bytes | None) -> Counter[bytes]:
    return Counter(line for line in map(bytes.strip, (text or b"").splitlines()) if line)
