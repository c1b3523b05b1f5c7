"""Let one process at a time write to a work tree."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path


@contextmanager
def locked(root: Path, lock_dir: Path) -> Iterator[None]:
    """Hold the tree itself, and a file of the user's own where the tree cannot be held.

    The tree is what two users, or one user with two state folders, have in common; some
    network file systems cannot lock a folder.
    """
    key = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:24]
    lock_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as held:
        own = os.open(lock_dir / f"{key}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        held.callback(os.close, own)
        fcntl.flock(own, fcntl.LOCK_EX)
        tree = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        held.callback(os.close, tree)
        with suppress(OSError):
            fcntl.flock(tree, fcntl.LOCK_EX)
        yield
