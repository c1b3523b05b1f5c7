"""Read what changed between two commits, of a repository that need not have a work tree."""

from collections.abc import Iterator, Mapping
from typing import Literal

from flagwright.adapters.git import listing
from flagwright.adapters.git.command import Command
from flagwright.adapters.git.content import Text, blobs
from flagwright.adapters.git.listing import Difference
from flagwright.core.change import read_change
from flagwright.core.records.change import Change, FileChange

POLICIES = ".flagwright/policies"
_MODES: Mapping[str, Literal["100755", "120000", "160000"]] = {
    "100755": "100755",
    "120000": "120000",
    "160000": "160000",
}


def change(git: Command, base: str, head: str) -> Change:
    """Read both versions of every file that differs.

    Args:
        base: A commit or tree, in hex.
        head: A commit, in hex.
    """
    differences = listing.between(git, base, head)
    texts = blobs(git, objects(differences))
    files = (file(one, texts.get(one.old), texts.get(one.new)) for one in differences)
    return read_change(base, head, files, owners=owners(git, base))


def owners(git: Command, base: str) -> str:
    """Text of the first CODEOWNERS file at a commit or tree; empty where there is none."""
    asked = "".join(f"{base}:{place}CODEOWNERS\n" for place in (".github/", "", "docs/"))
    found = git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked.encode())
    names = [line[:-5].decode() for line in found.splitlines() if line.endswith(b" blob")]
    if not names:
        return ""
    text = blobs(git, names[:1])[names[0]]
    return "" if text.unreadable else text.content.decode("utf-8", "replace")


def policies(
    git: Command, sha: str, folder: str = POLICIES, ending: str = ".toml"
) -> dict[str, tuple[str, str]]:
    """Path and text of each policy file at a commit or tree, by name."""
    listed = git.run("ls-tree", "-z", sha, "--", f"{folder}/", accept=(0, 128))
    names: dict[str, tuple[str, str]] = {}
    for line in filter(None, listed.split(b"\0")):
        about, _, path = line.partition(b"\t")
        mode, kind, name = about.decode().split()
        shown = path.decode("utf-8", "replace")
        if kind == "blob" and mode.startswith("100") and shown.endswith(ending):
            names[shown] = (shown.rpartition("/")[2].removesuffix(ending), name)
    texts = blobs(git, [name for _, name in names.values()])
    return {policy: (path, _decoded(texts[name])) for path, (policy, name) in names.items()}


def _decoded(text: Text) -> str:
    """What cannot be read is no TOML either, which its reader then says."""
    return f"? {text.unreadable}" if text.unreadable else text.content.decode("utf-8", "replace")


def objects(differences: list[Difference]) -> Iterator[str]:
    """Names of the texts on both sides."""
    for one in differences:
        for mode, name in ((one.old_mode, one.old), (one.new_mode, one.new)):
            if mode not in ("000000", "160000") and name.strip("0"):
                yield name


def file(one: Difference, before: Text | None, after: Text | None) -> FileChange:
    """Put the two sides of a difference together."""
    gone, came = one.new_mode == "000000", one.old_mode == "000000"
    unreadable = _reason(one, before, after)
    return FileChange(
        path=one.shown,
        kind="added" if came else "deleted" if gone else "modified",
        before=before.content if before and not unreadable else None,
        after=after.content if after and not unreadable else None,
        mode=_MODES.get(one.old_mode if gone else one.new_mode, "100644"),
        unreadable=unreadable,
    )


def _reason(one: Difference, before: Text | None, after: Text | None) -> str | None:
    if "160000" in (one.old_mode, one.new_mode):
        return _moved(one)
    if one.shown.encode() != one.path:
        return "its name is not UTF-8"
    return next((side.unreadable for side in (after, before) if side and side.unreadable), None)


def _moved(one: Difference) -> str:
    """What became of a submodule; in a work tree git does not say where it is now."""
    if not one.old.strip("0"):
        return f"submodule, new at {one.new[:12]}" if one.new.strip("0") else "submodule, new"
    if one.new_mode == "000000":
        return f"submodule, removed, was at {one.old[:12]}"
    now = f"from {one.old[:12]} to {one.new[:12]}"
    return f"submodule, {now if one.new.strip('0') else f'no longer at {one.old[:12]}'}"
