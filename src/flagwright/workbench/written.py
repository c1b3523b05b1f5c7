"""Say in digests what an applied plan wrote, and what lay there without the flag."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from flagwright.adapters.git import Git
from flagwright.adapters.store import Store
from flagwright.core.ledger import MAX_PATHS
from flagwright.core.record import text_digest
from flagwright.core.records.entry import Written
from flagwright.core.records.plan import FileEdit, Plan
from flagwright.errors import FlagwrightError


def written(plan: Plan, git: Git, store: Store) -> tuple[Written, ...] | None:
    """What a wrap is about to write, and what lies there; none of another plan.

    Of an index that cannot be read, nothing is said: what is unmerged cannot be committed at all.
    """
    if plan.kind != "wrap":
        return None
    edits = plan.edits[:MAX_PATHS]
    staged: Mapping[str, bytes | None] = {}
    with suppress(FlagwrightError, OSError):
        paths = [edit.path for edit in edits]
        staged = git.open(Path(plan.root)).staged_otherwise(paths)
    return tuple(_written(edit, staged, store) for edit in edits)


def _written(edit: FileEdit, staged: Mapping[str, bytes | None], store: Store) -> Written:
    def kept(name: str | None) -> str | None:
        return text_digest(store.blob(name)) if name else None

    before = [kept(edit.before_sha256)]
    if edit.path in staged:
        before.append(text_digest(staged[edit.path]))
    return Written(path=edit.path, now=kept(edit.after_sha256), before=tuple(dict.fromkeys(before)))
