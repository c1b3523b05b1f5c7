"""Keep every set of policies that was used by its digest, so that a decision can be explained.

One JSON file a set, in the user's state folder, with the text of every file of every layer.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from flagwright.adapters.shipped.layer import LayerName
from flagwright.adapters.shipped.place import write_whole
from flagwright.adapters.shipped.policy import LoadedPolicy
from flagwright.core.record import Record, sha256
from flagwright.core.records.score import Assessment
from flagwright.errors import BadRequest, StoreBroken

FEWEST_DIGITS = 8
MOST_SCORES = 1000


class UsedFile(Record):
    """One file of one layer, as it was."""

    layer: LayerName
    path: str
    text: str


class Used(Record):
    """One set of policies."""

    digest: str
    files: tuple[UsedFile, ...]
    touched: tuple[str, ...] = ()
    """Of each section for paths that counted, one path that it is about."""
    left_out: tuple[str, ...] = ()
    """What a repository said and what did not count, with its line."""


def keep_used(
    folder: Path, digest: str, loaded: Iterable[LoadedPolicy[Any]], left_out: tuple[str, ...] = ()
) -> None:
    """Keep a set, unless it is kept already.

    Raises:
        StoreBroken: If the folder cannot be written to.
    """
    path = folder / f"{digest}.json"
    if path.exists():
        return
    files = tuple(
        UsedFile(layer=source.layer, path=source.path, text=source.text)
        for one in loaded
        for source in one.sources
    )
    touched = tuple(dict.fromkeys(path for one in loaded for path in one.touched))
    found = Used(digest=digest, files=files, touched=touched, left_out=left_out)
    try:
        write_whole(path, found.model_dump_json(indent=1))
    except OSError as error:
        raise StoreBroken(
            f"{folder} cannot be written: {error.strerror}.",
            next_step="Make the state folder writable, and make room on the disk.",
        ) from error


def keep_score(folder: Path, found: Assessment) -> None:
    """Keep what was said of a change under some policies, the newest thousand; never fails."""
    text = found.model_dump_json()
    name = f"{found.change_digest}.{found.policy_digest[:12]}.{sha256(text.encode())[:12]}.json"
    with suppress(OSError):
        write_whole(folder / name, text)
        held = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for old in held[:-MOST_SCORES]:
            old.unlink(missing_ok=True)


def scores_of(folder: Path, change: str) -> Iterator[Assessment]:
    """What was said of a change, by its digest or a unique beginning of it; the newest first."""
    found = [*folder.glob(f"{change}*.json")] if re.fullmatch("[0-9a-f]{8,64}", change) else []
    if len({path.name.partition(".")[0] for path in found}) != 1:
        return
    with suppress(OSError):  # another process may make room meanwhile
        found.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in found:
        with suppress(OSError, ValueError):
            yield Assessment.model_validate_json(path.read_text("utf-8"))


def used(folder: Path, digest: str) -> Used | None:
    """The set of a digest, or of a unique beginning of one; none where it is not kept here.

    Raises:
        BadRequest: If the beginning is too short, or that of several.
    """
    if not re.fullmatch(r"[0-9a-f]{8,64}", digest):
        raise BadRequest(
            f"{digest[:80]!r} is no digest.",
            next_step=f"Give {FEWEST_DIGITS} or more of its hexadecimal digits.",
        )
    found = [*folder.glob(f"{digest}*.json")]
    if len(found) > 1:
        raise BadRequest(f"Several digests begin with {digest}.", next_step="Give more digits.")
    try:
        return Used.model_validate(json.loads(found[0].read_text("utf-8"))) if found else None
    except (OSError, ValueError) as error:
        raise StoreBroken(f"{found[0]} cannot be read: {error}.", next_step="Remove it.") from error
