"""Read the small diffs that a policy carries as its examples."""

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.record import digest
from flagwright.core.records.change import Change, FileChange, Hunk

MARKS = "+- !"
OWNERS = "@ "


def example(snippet: str) -> Change:
    """Make a change of one snippet; see `rule` for how one is written."""
    files: list[tuple[str, list[str]]] = []
    owners: list[str] = []
    for line in snippet.strip("\n").split("\n"):
        if line.startswith(OWNERS):
            owners.append(line.removeprefix(OWNERS))
        elif line and line[0] not in MARKS:
            files.append((line, []))
        elif files:
            files[-1][1].append(line or " ")
        else:
            raise ValueError(f"an example begins with a path, not with {line!r}")
    return Change(
        base="diff",
        head="diff",
        files=tuple(sorted((_file(*file) for file in files), key=lambda file: file.path)),
        owners="\n".join(owners),
        digest=digest(snippet),
    )


def example_at(snippet: str, *key: str | int) -> Change:
    """Make a change of the snippet that a key leads to.

    Raises:
        Contradiction: If it is none.
    """
    try:
        return example(snippet)
    except ValueError as error:
        raise Contradiction(str(error), *key, remedy="Write the path of a file first.") from error


def unnoticed(snippet: str, *key: str | int, because: str = "") -> Contradiction:
    """Say that a rule does not notice what it should, and why where that is known."""
    why = f"; {because}" if because else ""
    return Contradiction(
        f"the rule does not notice this example: {_shown(snippet)}{why}",
        *key,
        remedy="Change what the rule looks for, or the example, until they agree.",
    )


def noticed(snippet: str, *key: str | int) -> Contradiction:
    """Say that a rule notices what it should pass."""
    return Contradiction(
        f"the rule notices this example, which it should pass: {_shown(snippet)}",
        *key,
        remedy="Change what the rule looks for, or the example, until they agree.",
    )


def _shown(snippet: str) -> str:
    lines = [line for line in snippet.strip("\n").split("\n") if line]
    return repr(" / ".join(lines)[:120])


def _file(name: str, lines: list[str]) -> FileChange:
    old, _, path = name.rpartition(" => ")
    unreadable = next((line[1:].strip() for line in lines if line[0] == "!"), None)
    before = [line[1:] for line in lines if line[0] in " -"]
    after = [line[1:] for line in lines if line[0] in " +"]
    readable = unreadable is None and bool(lines)
    return FileChange(
        path=path,
        kind="renamed" if old else "modified",
        renamed_from=old or None,
        before=_text(before) if readable else None,
        after=_text(after) if readable else None,
        hunks=_hunks(lines) if readable else (),
        unreadable=unreadable,
    )


def _text(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _hunks(lines: list[str]) -> tuple[Hunk, ...]:
    hunks: list[Hunk] = []
    removed: list[str] = []
    added: list[str] = []
    before = after = 0
    for line in [*lines, " "]:
        if line[0] == " ":
            if removed or added:
                hunks.append(_hunk(before, removed, after, added))
                removed, added = [], []
            before, after = before + 1, after + 1
        elif line[0] == "-":
            removed.append(line[1:])
            before += 1
        else:
            added.append(line[1:])
            after += 1
    return tuple(hunks)


def _hunk(before: int, removed: list[str], after: int, added: list[str]) -> Hunk:
    """Both counters stand at the last line that was read."""
    return Hunk(
        before_start=before - len(removed) + bool(removed),
        removed=tuple(removed),
        after_start=after - len(added) + bool(added),
        added=tuple(added),
    )
