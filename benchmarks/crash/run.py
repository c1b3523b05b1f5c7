"""Play every moment: from one installation, copied for each, in a process that forks."""

import json
import os
import statistics
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("fault.c")
PROJECT = Path(__file__).parents[2]


@dataclass
class Found:
    """What came of all moments."""

    calls: int = 0
    """Calls that change the disk, in an apply that nothing interrupts."""
    ends: Counter[str] = field(default_factory=Counter)
    torn: list[str] = field(default_factory=list)
    start_s: float = 0.0
    """A start with nothing to settle, until it could do anything; the median."""
    took_s: list[float] = field(default_factory=list)
    """Each start that settled, as long."""
    slowest_cpu_s: float = 0.0
    littered: int = 0
    """Whole trees in which a temporary name is left beside a file."""

    def figures(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "moments": self.ends.total(),
            "torn": len(self.torn),
            "littered": self.littered,
            "start_s": round(self.start_s, 3),
            "start_and_recovery_s": round(statistics.median(self.took_s), 3),
            "slowest_start_and_recovery_s": round(max(self.took_s), 3),
            "slowest_recovery_cpu_s": round(self.slowest_cpu_s, 3),
            "ends": dict(sorted(self.ends.items())),
        }


def crash(folder: Path, *, files: int, every: int, first: int = 1) -> Found:
    """Interrupt at each `every`-th moment from the `first` on of an apply over so many files."""
    library = folder / "fault.so"
    compiler = os.environ.get("CC", "cc")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"],
        check=True, capture_output=True,
    )  # fmt: skip
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    environment = kept | {"LD_PRELOAD": str(library), "HOME": str(folder / "home")}
    command = [sys.executable, "-m", "benchmarks.crash.moments", str(folder), str(files)]
    found = Found()
    with subprocess.Popen(
        [*command, str(first), str(every)],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as playing:
        assert playing.stdout
        for line in playing.stdout:
            _add(found, json.loads(line))
    if playing.returncode:
        raise RuntimeError(f"the moments ended with {playing.returncode}")
    return found


def _add(found: Found, told: dict[str, Any]) -> None:
    if "calls" in told:
        found.calls, found.start_s = told["calls"], told["start_s"]
        return
    found.ends[f"{told['fault']}: {told['end']}, then {told['tree']}"] += 1
    found.took_s.append(told["recovery_s"])
    found.littered += told["is_littered"]
    found.slowest_cpu_s = max(found.slowest_cpu_s, told["recovery_cpu_s"])
    if not told["is_whole"]:
        found.torn.append(json.dumps(told))
