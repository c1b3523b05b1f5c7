"""Find the git directory of a folder, and refuse one that is not the user's own.

Only names, owners and small text files are looked at; git itself is not asked, because it
would read the repository's configuration first.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from flagwright.adapters.git.command import values
from flagwright.errors import FlagwrightError, NotARepository, OutsideRoot

_MAX_TEXT = 1_000_000
"""Bytes of a configuration; every other file that is read here is far smaller."""


@dataclass(frozen=True)
class Location:
    """Where a work tree, its own git directory and the shared one are."""

    root: Path
    git_dir: Path
    common_dir: Path
    """The same as `git_dir`, but for a linked work tree."""

    @property
    def objects(self) -> Path:
        """Where the repository keeps what it holds."""
        return self.common_dir / "objects"


def locate(path: Path, *, bare: bool = False) -> Location:
    """Find the repository that holds a folder.

    Args:
        bare: Whether one without a work tree will do; its git directory is its root then.

    Raises:
        NotARepository: If there is none, it is bare, or it belongs to another user.
        OutsideRoot: If its git directory belongs to another work tree.
    """
    start = Path(os.path.realpath(path))
    if not start.is_dir():
        raise NotARepository(f"{path} is no folder.", next_step="Name a folder of a repository.")
    for root in (start, *start.parents):
        entry = root / ".git"
        if os.path.lexists(entry):
            return _checked(_location(root, entry))
        if (root / "HEAD").is_file() and (root / "objects").is_dir() and (root / "refs").is_dir():
            if bare:
                return _checked(Location(root, root, root))
            raise NotARepository(
                f"{root} is a bare repository or a git directory: it has no work tree.",
                next_step=(
                    "Name a clone with a work tree; `flagwright score --commits` reads a bare one."
                ),
            )
    raise NotARepository(
        f"{start} is not inside a git repository.",
        next_step="Run `git init` there, or name another folder.",
    )


def git_dir_of(root: Path) -> Path | None:
    """The git directory of the work tree that begins here; none where it has none of its own."""
    try:
        found = locate(root)
    except FlagwrightError:
        return None
    return found.git_dir if os.path.realpath(root) == str(found.root) else None


def _location(root: Path, entry: Path) -> Location:
    mode = entry.lstat().st_mode
    if stat.S_ISDIR(mode):
        return Location(root, entry, entry)
    if not stat.S_ISREG(mode):
        raise _escapes(root, ".git is neither a folder nor a file")
    first = read_text(entry) or ""
    if not first.startswith("gitdir: "):
        raise NotARepository(f"{entry} names no git directory.", next_step="Clone it again.")
    git_dir = _beside(root, first.removeprefix("gitdir: "))
    if (git_dir / "commondir").exists():
        return _linked(root, entry, git_dir)
    return _submodule(root, git_dir)


def _linked(root: Path, entry: Path, git_dir: Path) -> Location:
    """Accept a linked work tree if the shared git directory knows it."""
    common = _beside(git_dir, read_text(git_dir / "commondir") or "")
    back = _beside(git_dir, read_text(git_dir / "gitdir") or "")
    if back != entry or git_dir.parent != common / "worktrees":
        raise _escapes(root, f"{git_dir} is the git directory of {back.parent}")
    return Location(root, git_dir, common)


def _submodule(root: Path, git_dir: Path) -> Location:
    """Accept a submodule if its git directory names this work tree."""
    work_tree = configured(git_dir / "config").get("core.worktree")
    if work_tree is None or _beside(git_dir, work_tree) != root:
        raise _escapes(root, f"{git_dir} does not name it as its work tree")
    return Location(root, git_dir, git_dir)


def _checked(location: Location) -> Location:
    """Refuse what belongs to another user, as git does, and what is no git directory."""
    found = [location.root, location.git_dir, location.common_dir, location.objects]
    if not location.objects.is_dir() or not (location.git_dir / "HEAD").exists():
        raise NotARepository(
            f"{location.git_dir} is not a complete git directory.", next_step="Clone it again."
        )
    for path in [*found, *_alternates(location.objects)]:
        owner = path.stat().st_uid if path.exists() else os.geteuid()
        if owner != os.geteuid():
            raise NotARepository(
                f"{path} belongs to another user (uid {owner}).",
                next_step="Work on a clone of your own.",
            )
    return location


def _alternates(objects: Path) -> list[Path]:
    """Every other folder that objects are read from, to the depth that git follows."""
    found: list[Path] = []
    waiting = [(objects, 0)]
    while waiting and len(found) < 100:
        folder, depth = waiting.pop()
        for line in (read_text(folder / "info" / "alternates") or "").splitlines():
            if line and not line.startswith("#") and depth < 6:
                found.append(_beside(folder, line))
                waiting.append((found[-1], depth + 1))
    return found


def configured(config: Path) -> dict[str, str]:
    """Values of a repository's configuration file; none if it is missing."""
    if read_text(config) is None:
        return {}
    return values(config)


def read_text(path: Path) -> str | None:
    """Read a small regular file without following a link; none if there is none."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(file, "rb") as opened:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return None
        text = opened.read(_MAX_TEXT + 1)
    return None if len(text) > _MAX_TEXT else os.fsdecode(text).rstrip("\r\n")


def _beside(folder: Path, path: str) -> Path:
    return Path(os.path.realpath(folder / path.strip("\r\n").replace("\0", "")))


def _escapes(root: Path, because: str) -> OutsideRoot:
    return OutsideRoot(
        f"The git directory of {root} is not its own: {because}.",
        next_step="Clone the repository again, or name the work tree it belongs to.",
    )
