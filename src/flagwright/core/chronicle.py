"""Write the ledger as lines that a program checks.

Each line holds an entry exactly as its hash was made of it, so that fifteen lines of any language
can check it.
"""

import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from flagwright.core.audit import Copy, Witness
from flagwright.core.ledger import sealed
from flagwright.core.records.entry import LedgerEntry


def lines(held: Sequence[Witness], copy: Copy) -> list[str]:
    """One JSON object a line, in ASCII: a name may hold what many take for the end of a line.

    What the server holds comes first, in its order, then what only we have.
    """
    there = {w.entry.hash for w in held if w.entry}
    rows = [_line(w.entry, w) for w in held if w.entry]
    rows += [_line(entry, None) for entry in copy.entries if entry.hash not in there]
    return [json.dumps(row, sort_keys=True) for row in rows]


def _line(entry: LedgerEntry, witness: Witness | None) -> dict[str, Any]:
    server = witness and {
        "event": witness.event,
        "by": witness.by,
        "at": witness.at.astimezone(UTC).isoformat(),
        "flag": witness.flag,
    }
    return {"entry": sealed(entry) | {"hash": entry.hash}, "server": server}
