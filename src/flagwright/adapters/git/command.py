"""Run git with an environment and a configuration of our own, and nothing else.

No system or user configuration, no hooks, filters, pagers, prompts, replaced objects or
network. What still reads a repository's own configuration is never called.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast

from flagwright.errors import CannotJudge, NotARepository, Unsupported

TIMEOUT_S = 60

_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "PATH": os.defpath,
}


class GitFailed(NotARepository):
    """Git ended with an error; where the caller knows no better, the repository is damaged."""

    def __init__(self, args: Sequence[str], where: Path, status: int, message: str) -> None:
        super().__init__(
            f"`git {args[0]}` ended with {status} in {where}: {message[:300]}.",
            next_step="Run `git fsck` there and repair what it finds.",
        )


@cache
def executable() -> str:
    """Absolute path of git."""
    found = shutil.which("git", path=_absolute(os.environ.get("PATH", os.defpath)))
    if found is None:
        raise Unsupported(
            "There is no git on this machine.", next_step="Install git 2.31 or newer."
        )
    return found


@dataclass(frozen=True)
class Command:
    """Git, tied to one git directory, one index and one work tree."""

    git_dir: Path
    work_tree: Path
    index: Path
    objects: Path | None = None
    """Where new objects go, if not to the git directory."""

    def run(self, *args: str, stdin: bytes = b"", accept: Sequence[int] = (0,)) -> bytes:
        """Return what git printed.

        Raises:
            GitFailed: If it ends with another status than those accepted.
            CannotJudge: If it takes longer than a minute.
        """
        return run(args, self._environment(), cwd=self.work_tree, stdin=stdin, accept=accept)

    @contextmanager
    def stream(self, *args: str, stdin: IO[bytes]) -> Iterator[IO[bytes]]:
        """Open what git prints, to be read line by line; git ends with the block.

        Raises:
            GitFailed: If it fails by itself.
        """
        command = [executable(), *args]
        with (
            TemporaryFile() as said,
            subprocess.Popen(
                command,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=said,
                env=self._environment(),
                cwd=self.work_tree,
            ) as process,
        ):
            try:
                yield cast(IO[bytes], process.stdout)
                process.wait()
            finally:
                process.kill()
            if process.returncode:
                said.seek(0)
                message = said.read(2000).decode("utf-8", "replace").strip()
                raise GitFailed(args, self.work_tree, process.returncode, message)

    def _environment(self) -> dict[str, str]:
        objects = {"GIT_OBJECT_DIRECTORY": str(self.objects)} if self.objects else {}
        return _ENVIRONMENT | objects | {
            "GIT_DIR": str(self.git_dir),
            "GIT_WORK_TREE": str(self.work_tree),
            "GIT_INDEX_FILE": str(self.index),
        }  # fmt: skip


def fetch(
    git: Command, url: str, what: Sequence[str], protocols: Sequence[str], *, depth: int | None
) -> None:
    """Fetch objects and nothing else: no hook, no submodule, no configuration but the user's.

    Args:
        what: Commits, or names of branches and tags.
        protocols: The only ones that are spoken.
        depth: Of the history; none: all of it.

    Raises:
        GitFailed: If the other side cannot be reached, or does not give them.
        CannotJudge: If it takes longer than a minute.
    """
    environment = _fetching(protocols) | {"GIT_DIR": str(git.git_dir)}
    own = ("-c", "core.hooksPath=/dev/null", "-c", "fetch.fsckObjects=true")
    kept = ("--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-gc")
    shallow = [f"--depth={depth}"] if depth else []
    asked = [*own, "fetch", "--quiet", *kept, *shallow, "--end-of-options", url, *what]
    run(asked, environment, cwd=git.git_dir)


def _fetching(protocols: Sequence[str]) -> dict[str, str]:
    """With what the user has set up to reach a server, and no question to anybody."""
    users = ("HOME", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "SSL_CERT_FILE")
    own = {name: os.environ[name] for name in users if name in os.environ}
    shut = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_ATTR_NOSYSTEM"}
    return {name: value for name, value in _ENVIRONMENT.items() if name not in shut} | {
        "GIT_ALLOW_PROTOCOL": ":".join(protocols),
        "GIT_ASKPASS": "true",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
        "PATH": _absolute(os.environ.get("PATH", os.defpath)),
        **own,
    }


def _absolute(path: str) -> str:
    """Without relative entries, which would search the repository itself."""
    return os.pathsep.join(filter(os.path.isabs, path.split(os.pathsep)))


def values(config: Path) -> dict[str, str]:
    """Read one configuration file without its includes; a key that is not there is missing.

    Keys are lower-case. Git only parses here; no key has an effect.
    """
    listed = run(
        ["config", "--no-includes", "--null", "--list", "--file", str(config)],
        _ENVIRONMENT,
        cwd=Path("/"),
    )
    return _values(listed)


def user_values() -> dict[str, str]:
    """Read the configuration of the system and of the user, who are trusted, with includes."""
    home = {name: os.environ[name] for name in ("HOME", "XDG_CONFIG_HOME") if name in os.environ}
    environment = {"LC_ALL": "C", "PATH": os.defpath, "GIT_DIR": os.devnull} | home
    found: dict[str, str] = {}
    for level in ("--system", "--global"):
        listed = run(
            ["config", level, "--includes", "--null", "--list"],
            environment,
            cwd=Path("/"),
            accept=(0, 1, 128),
        )
        found |= _values(listed)
    return found


def _values(listed: bytes) -> dict[str, str]:
    pairs = (item.partition("\n") for item in os.fsdecode(listed).split("\0") if item)
    return {key.lower(): value if newline else "true" for key, newline, value in pairs}


def run(
    args: Sequence[str],
    environment: dict[str, str],
    *,
    cwd: Path,
    stdin: bytes = b"",
    accept: Sequence[int] = (0,),
) -> bytes:
    """Run git with exactly this environment."""
    try:
        done = subprocess.run(
            [executable(), *args],
            input=stdin,
            env=environment,
            cwd=cwd,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CannotJudge(
            f"Git did not answer within {TIMEOUT_S} seconds.",
            next_step="Name a smaller range, or look for pipes and devices in the repository.",
        ) from error
    if done.returncode not in accept:
        message = done.stderr.decode("utf-8", "replace").strip()
        raise GitFailed(args, cwd, done.returncode, message)
    return done.stdout
