import asyncio
import builtins
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest

from flagwright import errors
from flagwright.adapters import worker
from flagwright.errors import CannotJudge, CannotWrap, FlagwrightError, NameRefused

pytestmark = pytest.mark.anyio

REFUSALS = [
    CannotWrap("a.py", 3, "scope", "it is odd", way_out="Do it by hand."),
    NameRefused("Too long.", next_step="Shorten it.", suggestion="short"),
    errors.FlagServerBusy("Busy.", next_step="Wait.", retry_after_s=3.0),
]


def every_error(kind: type[FlagwrightError] = FlagwrightError) -> list[type[FlagwrightError]]:
    return [kind, *(found for below in kind.__subclasses__() for found in every_error(below))]


async def test_a_call_returns_what_the_function_returns() -> None:
    assert await worker.run(json.loads, '{"a": [1, 2]}') == {"a": [1, 2]}


async def test_an_error_of_the_function_comes_out_as_it_is() -> None:
    with pytest.raises(json.JSONDecodeError):
        await worker.run(json.loads, "{")


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: str(error.code))
async def test_a_refusal_keeps_all_its_parts(error: FlagwrightError) -> None:
    source = "import pickle; raise pickle.loads(data)"

    with pytest.raises(type(error)) as caught:
        await worker.run(builtins.exec, source, {"data": pickle.dumps(error)})

    assert vars(caught.value) == vars(error)
    assert str(caught.value) == str(error)


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: str(kind.code))
async def test_every_error_survives_the_way_between_processes(kind: type[FlagwrightError]) -> None:
    error = kind.__new__(kind, "A fact. A step.")
    error.fact, error.next_step = "A fact.", "A step."

    again = pickle.loads(pickle.dumps(error))

    assert (type(again), str(again), vars(again)) == (kind, "A fact. A step.", vars(error))


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (builtins.exec, ("while True: pass",)),
        (time.sleep, (60,)),
        (signal.raise_signal, (signal.SIGSEGV,)),
        (os.abort, ()),
        (os._exit, (0,)),
        (builtins.exec, ("def deep(n): return deep(n + 1)\ndeep(0)", {})),
        pytest.param(
            bytearray,
            (8 << 30,),
            marks=pytest.mark.skipif(sys.platform != "linux", reason="no limit on memory there"),
        ),
    ],
    ids=["busy", "asleep", "segmentation-fault", "abort", "exit", "recursion", "memory"],
)
async def test_hostile_input_ends_as_cannot_judge_and_the_next_call_works(
    function: object, args: tuple[object, ...]
) -> None:
    assert callable(function)

    with pytest.raises(CannotJudge) as refusal:
        await worker.run(function, *args, timeout_s=1)

    assert refusal.value.code == "cannot-judge"
    assert await worker.run(len, "abc") == 3


async def test_a_function_that_is_busy_for_too_long_is_stopped_by_the_kernel_too() -> None:
    """The parent may be suspended while the child runs."""
    limit = "__import__('resource').getrlimit(__import__('resource').RLIMIT_CPU)[0]"

    assert 10 < await worker.run(eval, limit, timeout_s=10) < 60
    assert 200 < await worker.run(eval, limit, timeout_s=200) < 250


async def test_a_busy_machine_does_not_decide_what_is_judged() -> None:
    """A call that waits longer than its time for the processor goes on."""
    assert await worker.run(eval, "__import__('time').sleep(1.5) or 3", timeout_s=1) == 3


async def test_what_takes_too_much_of_the_processor_is_told_as_that() -> None:
    with pytest.raises(CannotJudge, match="took more than 1 s of the processor"):
        await worker.run(builtins.exec, "while True: pass", timeout_s=1)


async def test_a_warm_worker_is_used_again() -> None:
    assert await worker.run(os.getpid) == await worker.run(os.getpid) != os.getpid()


async def test_at_most_two_workers_run_and_a_waiting_call_has_its_whole_time() -> None:
    async def slow() -> int:
        await worker.run(time.sleep, 0.4, timeout_s=5)
        return await worker.run(os.getpid)

    assert len(set(await asyncio.gather(*(slow() for _ in range(4))))) <= worker.MAX_WORKERS


async def test_a_cancelled_call_leaves_no_busy_process_behind() -> None:
    pid = await worker.run(os.getpid)

    with anyio.move_on_after(0.2):
        await worker.run(time.sleep, 60, timeout_s=60)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_worker_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    worker.close()
    monkeypatch.setenv("FLAGWRIGHT_UNLEASH_TOKEN", "planted")

    assert "planted" not in await worker.run(eval, "str(__import__('os').environ)")


@pytest.mark.parametrize("start", [["-m", "host"], ["host.py"], ["-c", "import host; host.main()"]])
def test_a_worker_runs_no_file_of_the_current_folder_and_keeps_the_protocol_clean(
    start: list[str], tmp_path: Path
) -> None:
    """However the program was started: as a module, as a script, or by a console script."""
    canary = tmp_path / "canary"
    for name in ("anyio", "pickle", "resource", "libcst", "queue"):
        trap = (
            f"import os\nif os.getpid() != {os.getpid()}: open({str(canary)!r}, 'a').write('x')\n"
        )
        (tmp_path / "cwd" / name).mkdir(parents=True)
        (tmp_path / "cwd" / name / "__init__.py").write_text(trap)
    host = tmp_path / "start"
    host.mkdir()
    (host / "host.py").write_text(
        "import os, anyio\nfrom flagwright.adapters import worker\n"
        f"os.chdir({str(tmp_path / 'cwd')!r})\n"
        "def main():\n"
        "    anyio.run(worker.run, print, 'noise')\n"
        "    anyio.run(worker.run, eval, \"__import__('sys').stdin.read()\")\n"
        "    print('done')\n"
        "if __name__ in ('__main__', '__mp_main__'): main()\n"
    )

    done = subprocess.run(
        [sys.executable, *start],
        cwd=host,
        input="protocol",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout == "done\n"
    assert not canary.exists()
