"""Run a pure function on hostile input in a process that can be killed.

Some short texts crash a parser or keep it busy for minutes while it holds the interpreter's
lock; no timeout inside this process would help. At most two workers run; each is reused
until it dies. They see neither our standard streams nor our secrets, and never import from
the current folder, which is usually the repository that is being judged.
"""

import atexit
import gc
import math
import os
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, LifoQueue
from typing import IO, Any, TypeVar, cast

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

from flagwright.errors import CannotJudge

T = TypeVar("T")

MAX_WORKERS = 2
BUSY = 3
"""So many others may want the processor at the same time."""
MAX_MEMORY = 1 << 30
"""Bytes of address space; on Linux only, macOS does not hold to it."""
_NEW_BEFORE_A_SEARCH = 100_000
"""Objects. A syntax tree is many objects and no cycle: looking for those after every 700 new ones,
as Python does, takes a third of the time of judging a change."""

_limiter: RunVar[anyio.CapacityLimiter] = RunVar("_limiter")


async def run(function: Callable[..., T], *args: object, timeout_s: float = 10) -> T:
    """Call a function of a module, with arguments and a result that can be pickled.

    Args:
        function: Importable by its name; it runs in another process.
        timeout_s: Longest processor time of the call, in seconds; its process ends after it even
            where this one is gone. By the clock it may take `BUSY` times as long: what is judged
            must not depend on what else a machine does.

    Raises:
        CannotJudge: If it ran out of time, memory or stack, or its process died.
        FlagwrightError: What the function raised itself, unchanged.
    """
    late = (
        f"took more than {timeout_s:g} s of the processor, or {BUSY * timeout_s:g} s by the clock"
    )
    request = pickle.dumps((timeout_s, function, args), pickle.HIGHEST_PROTOCOL)
    try:
        limiter = _limiter.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(MAX_WORKERS)
        _limiter.set(limiter)
    async with limiter:
        worker = await anyio.to_thread.run_sync(_take)
        try:
            with anyio.fail_after(BUSY * timeout_s):
                succeeded, result = await anyio.to_thread.run_sync(
                    worker.call, request, abandon_on_cancel=True
                )
        except TimeoutError as error:
            worker.kill()
            raise _hopeless(late) from error
        except BaseException as error:
            worker.kill()
            if not isinstance(error, EOFError | OSError | pickle.UnpicklingError):
                raise
            raise _hopeless(late if worker.is_out_of_time else "ended its process") from error
        _idle.put(worker)
    if succeeded:
        return cast(T, result)
    if isinstance(result, MemoryError | RecursionError):
        raise _hopeless("ran out of memory or stack") from result
    raise result


def _hopeless(because: str) -> CannotJudge:
    return CannotJudge(
        f"Judging this input {because}.",
        next_step="Treat the change as high risk; split it, or leave the odd file out.",
    )


# --- this side


class _Worker:
    """A child process, and one call at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from {__name__} import _serve; _serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={k: v for k, v in os.environ.items() if not k.startswith("FLAGWRIGHT_")},
        )

    def call(self, request: bytes) -> tuple[bool, Any]:
        """Send a request and wait for the answer; raises EOFError if the process dies."""
        requests = cast(IO[bytes], self._process.stdin)
        requests.write(request)
        requests.flush()
        answer = pickle.load(cast(IO[bytes], self._process.stdout))  # noqa: S301 - our own process
        return cast(tuple[bool, Any], answer)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def is_out_of_time(self) -> bool:
        """Whether the kernel ended the process for the processor time that it took."""
        return self._process.poll() == -signal.SIGXCPU

    def kill(self) -> None:
        """End the process; its pipes close when the call that reads them has seen its end."""
        self._process.kill()
        self._process.wait()


_idle: LifoQueue[_Worker] = LifoQueue()


def _take() -> _Worker:
    """Reuse an idle worker or start one."""
    with suppress(Empty):
        while worker := _idle.get_nowait():
            if worker.is_alive():
                return worker
    return _Worker()


@atexit.register
def close() -> None:
    """End the idle workers, so that none is left behind."""
    with suppress(Empty):
        while worker := _idle.get_nowait():
            worker.kill()


# --- the other side


def _serve() -> None:
    """Answer calls until the parent closes the pipe; whatever the calls print is dropped."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    _limit_memory()
    gc.set_threshold(_NEW_BEFORE_A_SEARCH)
    while requests.peek(1):
        answers.write(_answer(requests))
        answers.flush()


def _answer(requests: IO[bytes]) -> bytes:
    try:
        timeout_s, function, args = pickle.load(requests)  # noqa: S301 - written by our own parent
        _limit_cpu(timeout_s)
        return pickle.dumps((True, function(*args)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return pickle.dumps((False, error))


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


def _limit_cpu(timeout_s: float) -> None:
    """The limit counts from the start of the process, which serves many calls."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + timeout_s) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
