"""Write the one module through which a repository that has none asks for flags.

Importing it runs nothing: the client is made at the first question. A client that is not
installed, not configured or not answered means off, so that code ships dormant. The module runs
on older Pythons than this, as what it is brought to may.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from flagwright.core.records.change import FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.importable import can_import, full_name
from flagwright.core.wrapping.wrapped import WrappedFile

Client = Literal["unleash", "openfeature"]

OPENFEATURE = "openfeature-sdk"
_OPENFEATURE_IMPORT = re.compile(rb"(?m)^[ \t]*(?:from|import)[ \t]+openfeature\b")
_REQUIRING = (".toml", ".txt", ".cfg", ".in", ".lock", ".yml", ".yaml")
_BUILDING = ("setup.py", "pyproject.toml", "setup.cfg")
_NAMES = ("flags.py", "feature_flags.py", "release_flags.py")
_HEAD = '''"""Ask for feature flags: `is_enabled("name")`. What is not known is off."""

import logging
import os
import sys
import threading
from functools import lru_cache
from typing import Any

_log = logging.getLogger(__name__)
_locks: "dict[int, threading.Lock]" = {{}}
_started: "set[int]" = set()
_asking = threading.local()


@lru_cache
def _start(process: int) -> Any:
    """{what}; none where it cannot be had."""
    try:
{start}
    except (ImportError, KeyError) as missing:
        _log.info("Every flag is off: the client is not set up: %r", missing)
        return None
    except Exception:
        _log.warning("Every flag is off: no client starts.", exc_info=True)
        return None


def _begin(process: int, lock: "threading.Lock") -> None:
    try:
        _start(process)
        _started.add(process)
    finally:
        lock.release()


def _client() -> Any:
    """The client, started at the first question; none while it starts.

    Each process has its own: a client's threads do not outlive a fork. An
    event loop waits for a quarter of a second at most, and asks again with
    the next question.
    """
    process = os.getpid()
    if process not in _started:
        lock = _locks.setdefault(process, threading.Lock())
        if not lock.acquire(blocking=False):
            return None
        if not _in_a_loop():
            _begin(process, lock)
        else:
            starting = threading.Thread(target=_begin, args=(process, lock))
            starting.daemon = True
            starting.start()
            starting.join(0.25)
            if starting.is_alive():
                return None
    return _start(process)


def _in_a_loop() -> bool:
    if "asyncio" not in sys.modules:
        return False
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def is_enabled(flag: str) -> bool:
    """Whether a flag is on; off for what runs while the client asks for it."""
    if getattr(_asking, "now", False):
        return False
    _asking.now = True
    try:
        client = _client()
        return client is not None and bool(client.{question})
    finally:
        _asking.now = False
'''
_UNLEASH = """        from UnleashClient import (  # type: ignore[attr-defined,unused-ignore]
            UnleashClient,
        )

        client = UnleashClient(
            url=os.environ["UNLEASH_URL"],
            app_name=os.environ.get("UNLEASH_APP_NAME", "python"),
            custom_headers={"Authorization": os.environ["UNLEASH_API_TOKEN"]},
            request_timeout=2,
            request_retries=0,
        )
        client.initialize_client()
        return client"""
_OPENFEATURE = """        from openfeature import api

        return api.get_client()"""
_TEXTS: dict[Client, str] = {
    "unleash": _HEAD.format(
        what="The Unleash client",
        start=_UNLEASH,
        question="is_enabled(flag)",
    ),
    "openfeature": _HEAD.format(
        what="The client of the provider that the application has set",
        start=_OPENFEATURE,
        question="get_boolean_value(flag, False)",
    ),
}
NEEDS: dict[Client, str] = {
    "unleash": "add the package UnleashClient to what the application needs, and UNLEASH_URL and "
    "UNLEASH_API_TOKEN to its environment",
    "openfeature": "add the package openfeature-sdk to what the application needs, and set a "
    "provider",
}


def fitting(
    chosen: Literal["auto", "unleash", "openfeature"],
    modules: Mapping[str, bytes],
    naming: Iterable[str],
) -> Client:
    """The client that such a module asks: the policy's, else the one that the repository uses.

    Args:
        naming: Paths of the files other than Python that name the package of OpenFeature.
    """
    if chosen != "auto":
        return chosen
    is_used = any(_OPENFEATURE_IMPORT.search(text) for text in modules.values())
    is_required = is_used or any(
        path.rpartition("/")[2] == "Pipfile" or path.endswith(_REQUIRING) for path in naming
    )
    return "openfeature" if is_required else "unleash"


def is_brought(file: FileChange) -> bool:
    """Whether a change adds a file that this writes, byte for byte but for its line ends."""
    return file.kind == "added" and is_own(file.after or b"")


def is_own(text: bytes) -> bool:
    """Whether this writes such a text."""
    return text.replace(b"\r\n", b"\n").decode("utf-8", "replace") in _TEXTS.values()


class Alone(NamedTuple):
    """A module that is installed by itself, in no package, and the file that says so."""

    name: str
    installer: str


def alone(changed: Iterable[str], modules: Mapping[str, bytes]) -> Iterator[Alone]:
    """What may install the changed modules that are in no package.

    Only `setup.py` is read here; whether others name the module is for the caller to see.
    """
    for path in sorted(changed):
        folder, _, file = path.rpartition("/")
        name = file.removesuffix(".py")
        if _root(path, modules) != (f"{folder}/" if folder else ""):
            continue
        if f"{folder}/__init__.py".removeprefix("/") in modules or file in _BUILDING:
            continue
        for near in dict.fromkeys((folder, folder.rpartition("/")[0])):
            for builder in (f"{near}/{one}".removeprefix("/") for one in _BUILDING):
                text = modules.get(builder)
                if text is None or re.search(rf"\b{re.escape(name)}\b".encode(), text):
                    yield Alone(name, builder)


def new_module(
    changed: Iterable[str], modules: Mapping[str, bytes], client: Client, prefix: str = ""
) -> tuple[Convention, WrappedFile | None] | None:
    """A module that asks for flags, and how the other files ask through it.

    Args:
        changed: Paths of the Python files to be wrapped.
        modules: All Python files of the repository by path.
        prefix: What its name begins with.

    Returns:
        The module alone is none where an earlier plan has left one; both are where every name for
        it is taken.
    """
    changed = sorted(changed)
    known = {*modules, *changed}
    for path in sorted(path for path, text in modules.items() if is_own(text)):
        convention = _convention(path, modules)
        if all(can_import(one, convention.import_line, modules) for one in changed):
            return convention, None
    folders = Counter(_root(path, known) for path in changed)
    if not folders:
        return None
    folder = max(folders, key=lambda f: (f"{f}__init__.py" in known, folders[f], f))
    for name in _NAMES:
        path = f"{folder}{prefix}{name}"
        package = path.removesuffix(".py") + "/"
        if path not in known and not any(other.startswith(package) for other in known):
            new = WrappedFile(path=path, before=None, text=_TEXTS[client].encode())
            return _convention(path, modules), new
    return None


def _convention(path: str, modules: Mapping[str, bytes]) -> Convention:
    return Convention(
        import_line=f"from {full_name(path, modules)} import is_enabled",
        check='is_enabled("{flag}")',
        source=path,
    )


def _root(path: str, known: Collection[str]) -> str:
    """The topmost package that a file is in, or its folder; empty or with a slash at its end."""
    folder = path.rpartition("/")[0]
    while folder and f"{folder}/__init__.py" in known:
        above = folder.rpartition("/")[0]
        if f"{above}/__init__.py" not in known:
            break
        folder = above
    return f"{folder}/" if folder else ""
