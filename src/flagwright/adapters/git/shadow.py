"""Build a git directory of our own beside a repository, and keep it in the cache.

It shares the repository's objects and names of commits, and nothing that could start a
program or hide a change: not its configuration, attributes, hooks, filters, index or
replaced objects.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from flagwright.adapters.git.location import Location, configured, read_text
from flagwright.errors import NotARepository, Unsupported

_COPIED = {
    "core.autocrlf": r"true|false|input|yes|no|on|off|1|0",
    "core.eol": r"lf|crlf|native",
    "core.filemode": r"true|false|yes|no|on|off|1|0",
    "core.ignorecase": r"true|false|yes|no|on|off|1|0",
    "core.precomposeunicode": r"true|false|yes|no|on|off|1|0",
    "extensions.objectformat": r"sha1|sha256",
}
"""What a checkout on this machine looks like; each with the only values that are taken."""

_CONFIG = """\
[core]
	repositoryformatversion = 1
	bare = false
	fsmonitor = false
	untrackedCache = false
	splitIndex = false
	sparseCheckout = false
	commitGraph = false
	multiPackIndex = false
	hooksPath = /dev/null
	attributesFile = /dev/null
	bigFileThreshold = 4m
[protocol]
	allow = never
[gc]
	auto = 0
"""

_ATTRIBUTES = "* !filter !ident !working-tree-encoding !diff !merge\n"
"""Above every .gitattributes of the work tree: only line ends may still be declared there."""


def build(cache_dir: Path, location: Location, user: Mapping[str, str]) -> Path:
    """Bring the shadow of a repository up to date and return its folder.

    Args:
        cache_dir: Where shadows are kept; the user's own.
        user: Configuration of the user, who is trusted.
    """
    names = "\0".join(map(str, (location.root, location.git_dir, location.common_dir)))
    shadow = cache_dir / "git" / hashlib.sha256(os.fsencode(names)).hexdigest()[:24]
    for folder in ("objects/info", "info", "temporary"):
        (shadow / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    _put(shadow / "config", _config(location, user))
    _put(shadow / "info/attributes", _ATTRIBUTES)
    _put(shadow / "info/exclude", _excludes(location, user))
    _put(shadow / "objects/info/alternates", _quoted(location.objects) + "\n")
    for name in ("refs", "packed-refs", "shallow"):
        _link(shadow / name, location.common_dir / name)
    _put(shadow / "HEAD", _head(location))
    return shadow


def is_sparse(location: Location) -> bool:
    """Whether the user asked git to leave files out of this work tree."""
    values = configured(location.common_dir / "config")
    values |= configured(location.git_dir / "config.worktree")
    return values.get("core.sparsecheckout", "").lower() in {"true", "yes", "on", "1"}


def _config(location: Location, user: Mapping[str, str]) -> str:
    own = configured(location.common_dir / "config")
    if own.get("extensions.refstorage", "files") != "files":
        raise Unsupported(
            f"{location.root} keeps its branches in the format {own['extensions.refstorage']!r}.",
            next_step="Run `git refs migrate --ref-format=files` there.",
        )
    lines = [_CONFIG]
    for key, allowed in _COPIED.items():
        value = own.get(key, "" if key.startswith("extensions.") else user.get(key, ""))
        if re.fullmatch(allowed, value, re.IGNORECASE):
            section, _, name = key.partition(".")
            lines.append(f"[{section}]\n\t{name} = {value.lower()}\n")
    return "".join(lines)


def _excludes(location: Location, user: Mapping[str, str]) -> str:
    """Patterns that the user and this clone ignore; later lines win, as in git."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    chosen = user.get("core.excludesfile", str(home / "git" / "ignore"))
    texts = [
        read_text(Path(chosen).expanduser()),
        read_text(location.common_dir / "info" / "exclude"),
    ]
    return "".join(f"{text}\n" for text in texts if text)


def _head(location: Location) -> str:
    head = location.git_dir / "HEAD"
    text = f"ref: {head.readlink()}" if head.is_symlink() else read_text(head)
    if text is None or not re.fullmatch(r"ref: refs/[^\x00-\x1f]+|[0-9a-f]{40}|[0-9a-f]{64}", text):
        raise NotARepository(f"{head} names no commit or branch.", next_step="Check out a branch.")
    return text + "\n"


def _quoted(path: Path) -> str:
    """Write a path as git's list of alternates wants it."""
    text = str(path)
    if not re.search(r'["\n\\#]', text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _put(path: Path, text: str) -> None:
    """Write a file at once, so that another process reads the old text or the new one."""
    wanted = os.fsencode(text)
    if path.is_file() and path.read_bytes() == wanted:
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(wanted)
    Path(file.name).replace(path)


def _link(path: Path, target: Path) -> None:
    if path.is_symlink():
        return
    try:
        path.symlink_to(target)
    except FileExistsError:
        """Another process was faster; the name of the folder says that it did the same."""
