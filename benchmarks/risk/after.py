"""Judge what `--calibrate-until` gains, through the command line, on later changes.

`python -m benchmarks.risk.after REPOSITORY...`; for each project weights are fitted on all the
others, as `benchmarks.risk.fit` does. Of the changes of production code that it draws, the one
in the middle ends the past: `flagwright score` scores those after it, once by the weights of the
others and once after it has learned from the project up to there. Which of them did harm is told
by all that is known today.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks.risk.fit import SAMPLE, Project, caught, load, weights_of
from flagwright.core.risk.model import Weights
from flagwright.core.risk.written import written

Figures = tuple[float, float]
"""AUC, and the share of the harmful changes among the riskiest fifth."""
NAME = "weights-others"


def main() -> int:
    """Print both figures of each project, before and after."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, ProcessPoolExecutor() as processes:
        cache = Path(home, "cache", "flagwright")
        paths = [path.resolve() for path in given.repositories]
        projects = list(processes.map(load, paths, repeat(cache)))
        print(f"{'':32}changes  harmful    before         after")
        rows = [judge(project, projects, Path(home)) for project in projects]
    before, after = np.mean(rows, 0)
    print(f"{'mean':32}{'':18}{shown(before)}  {shown(after)}")
    print(f"least gained in AUC: {min(a[0] - b[0] for b, a in rows):+.3f}")
    return 0


def judge(project: Project, projects: list[Project], home: Path) -> tuple[Figures, Figures]:
    """Figures of one project before it has learned, and after."""
    weights = weights_of(
        [p for p in projects if p is not project], {"script": "benchmarks/risk/after.py"}
    )
    keep(weights, home / "config" / "flagwright" / "policies")
    shas, harmful, middle = later(project)
    found = []
    for options in ([], ["--calibrate-until", middle]):
        scores = scored(project.path, shas, options, home)
        found.append((float(roc_auc_score(harmful, scores)), caught(harmful, scores)))
    before, after = found
    counted = f"{len(shas):7}{harmful.sum():9}    "
    print(f"{project.name:32}{counted}{shown(before)}  {shown(after)}", flush=True)
    return before, after


def later(project: Project) -> tuple[list[str], "np.ndarray[Any, Any]", str]:
    """Changes after the one in the middle, oldest first, whether each did harm, and that one."""
    drawn = sorted(zip(project.drawn[:SAMPLE], project.sample, strict=False), reverse=True)
    code = [(place, sha) for place, sha in drawn if project.is_code[place]]
    middle = len(code) // 2
    places, shas = zip(*code[middle + 1 :], strict=True)
    return list(shas), project.harmful[list(places)], code[middle][1]


def keep(weights: Weights, folder: Path) -> None:
    """Let a user's configuration go by some weights."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "risk.toml").write_text(f'weights = "{NAME}"\n', encoding="utf-8")
    (folder / f"{NAME}.toml").write_text(written(weights), encoding="utf-8")


def scored(
    repository: Path, shas: list[str], options: list[str], home: Path
) -> "np.ndarray[Any, Any]":
    """Their scores, as the command line says them."""
    folders = {f"XDG_{name.upper()}_HOME": str(home / name) for name in ("config", "cache")}
    command = [sys.executable, "-m", "flagwright", "score", "--commits", "-", "--json"]
    said = subprocess.run(
        [*command, "--repo", str(repository), *options],
        input="\n".join(shas),
        env={**os.environ, **folders, "XDG_STATE_HOME": str(home / "state")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return np.array([json.loads(line)["score"] for line in said.splitlines()])


def shown(figures: Figures) -> str:
    auc, r20 = figures
    return f"{auc:.3f}  {r20:5.1%}"


if __name__ == "__main__":
    sys.exit(main())
