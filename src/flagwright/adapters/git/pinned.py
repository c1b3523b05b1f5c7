"""Read the policies, cases and prompts of an organisation from one commit of its repository.

What was fetched once is in the user's cache and needs no network again; the name of the commit
says what it holds. Nothing else of it is read, and nothing is ever checked out or run.
"""

import hashlib
import re
from pathlib import Path

from flagwright.adapters.git import command, committed
from flagwright.adapters.git.command import Command, GitFailed
from flagwright.errors import CannotJudge, PoliciesMissing

FOLDER = "policies"
PROTOCOLS = ("https", "ssh")
_FATAL = re.compile(r"fatal: (.+)")
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[gc]\n\tauto = 0\n"


def pinned(
    cache_dir: Path,
    url: str,
    commit: str,
    *,
    local: bool = False,
    folder: str = FOLDER,
    ending: str = ".toml",
) -> dict[str, tuple[str, str]]:
    """Where each policy of a commit stands, and its text, by name; or each file of another folder.

    Args:
        url: `https://` or `ssh://`, without a password.
        commit: All 40 digits.
        local: Whether the repository may be one of this machine, `file://`.

    Raises:
        PoliciesMissing: If the commit is neither in the cache nor to be had, or has no policies.
    """
    git = _cache(cache_dir / "organisation" / hashlib.sha256(url.encode()).hexdigest()[:24])
    if not _has(git, commit):
        _fetch(git, url, commit, (*PROTOCOLS, "file") if local else PROTOCOLS)
    found = committed.policies(git, commit, folder, ending)
    if not found and folder == FOLDER:
        raise PoliciesMissing(
            f"Commit {commit[:12]} of {url} has no {FOLDER}/*.toml.",
            next_step="Name a commit that has.",
        )
    return {name: (f"{url}@{commit[:12]}:{path}", text) for name, (path, text) in found.items()}


def _cache(folder: Path) -> Command:
    """A bare repository that was made here, with no template of anybody."""
    for name in ("objects/info", "objects/pack", "refs/heads"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "config").write_text(_CONFIG)
    (folder / "HEAD").write_text("ref: refs/heads/none\n")
    return Command(git_dir=folder, work_tree=folder, index=folder / "index")


def _has(git: Command, commit: str) -> bool:
    said = git.run("cat-file", "--batch-check=%(objecttype)", stdin=f"{commit}\n".encode())
    return said.strip() == b"commit"


def _fetch(git: Command, url: str, commit: str, protocols: tuple[str, ...]) -> None:
    """The commit itself; where a server gives no single commits, its branches and tags."""
    names = ("+refs/heads/*:refs/pinned/heads/*", "+refs/tags/*:refs/pinned/tags/*")
    because = "no branch or tag holds it."
    for what, depth in (((commit,), 1), (names, None)):
        try:
            command.fetch(git, url, what, protocols, depth=depth)
        except (GitFailed, CannotJudge) as error:
            said = _FATAL.search(error.fact)
            because = f"{said[1].rstrip('.')}." if said else error.fact
        if _has(git, commit):
            return
    raise PoliciesMissing(
        f"Commit {commit} of {url} is not in the cache and cannot be fetched: {because}",
        next_step="Look whether the address and all 40 digits are right, and the server is there.",
    )
