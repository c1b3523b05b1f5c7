"""Let one process at a time write to a work tree."""

import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PATIENCE_S = 10
"""How long another process may write; nobody who only holds the lock stops us for ever."""
GLANCE_S = 0.02


@contextmanager
def locked(root: Path, lock_dir: Path) -> Iterator[None]:
    """Hold the tree itself, and a file of the user's own where the tree cannot be held.

    The tree is what two users, or one user with two state folders, have in common; some
    network file systems cannot lock a folder.

    Raises:
        TimeoutError: If another process holds it for too long.
        OSError: If there is no such tree.
    """
    key = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:24]
    lock_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as held:
        own = os.open(lock_dir / f"{key}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        held.callback(os.close, own)
        _take(own)
        tree = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        held.callback(os.close, tree)
        _take(tree)
        yield


def _take(file: int) -> None:
    """Wait for a lock; where the file system has none, go on without."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > end:
                held = f"another process has held the work tree for {PATIENCE_S} s"
                raise TimeoutError(errno.ETIMEDOUT, held) from error
            time.sleep(GLANCE_S)
        except OSError:
            return
        else:
            return
