"""Fit the shipped weights of the risk score, and judge them on projects that were left out.

`python -m benchmarks.risk.fit REPOSITORY... [--write policies/weights.toml]`; the repositories
may be bare, and each is called by the name of its folder or of the one around it. Needs
scikit-learn, which `pip install '.[fit]'` brings.

Each project is judged by weights that were fitted on all others. `AUC` and `r20` (share of
the harmful commits among the riskiest fifth) are of commits that a later fix blames,
`same size` is AUC among commits with as many added lines, `reverts` is AUC on commits that
were reverted, ranked within their project.
"""

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from flagwright.adapters.git import Git
from flagwright.core.risk.model import traits
from flagwright.core.risk.past import familiarity

EXPOSURE = {
    "chars": "{} characters of code added",
    "hunks": "hunks: {}",
    "calls": "{} calls added",
    "branches": "{} branches added",
    "depth": "{} levels deep",
    "removed_share": "{} % of the lines are removals",
    "mixed_share": "{} % of the places replace code",
    "test_lines": "{} lines of tests added",
    "fixes": "{} recent fixes in these files",
    "fix_rate": "{} % of the project's last changes are fixes",
    "age_days": "the files are {} days old",
}
UNFAMILIARITY = {
    "share": "{} % of the past changes of these files are the author's",
    "experience": "{} commits by the author before",
    "recent": "{} commits by the author in the last 90 days",
    "absent_days": "{} days since the author's last commit",
    "authors": "{} people changed these files before",
    "changes": "{} past changes of each file",
}
NEWEST, YEAR = 6000, 365 * 86_400
PLACES = 40


class Project(NamedTuple):
    """The commits of one project that change code or tests."""

    name: str
    found: dict[str, "np.ndarray[Any, Any]"]
    """Each trait, by commit."""
    harmful: "np.ndarray[Any, Any]"
    reverted: "np.ndarray[Any, Any]"
    lines: "np.ndarray[Any, Any]"
    """All added lines, tests and documents included."""

    def matrix(self, names: dict[str, str]) -> "np.ndarray[Any, Any]":
        return np.column_stack([self.found[name] for name in names])


def load(repository: Path, cache: Path) -> Project:
    """Measure the newest commits that are at least a year older than the last one."""
    rows: list[dict[str, float]] = []
    ends: list[tuple[bool, bool, float]] = []
    with Git(cache).history(repository) as history:
        head = history.commit("HEAD")
        history.read(head)
        (harmful, _), undone = history.harmful(head, 0), history.reverted(head)
        changes = history.changes(head)
        for sha, time in changes[:NEWEST]:
            if time > changes[0][1] - YEAR:
                continue
            measures, files, past, _ = history.change(sha)
            rows.append(traits(measures, familiarity(files, past), is_known=True))
            lines = sum(file.added for file in files)
            ends.append((sha in harmful, sha in undone, lines))
    found = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    columns = [np.array(column) for column in zip(*ends, strict=True)]
    name = repository.parent.name if repository.name in ("repo", ".git") else repository.name
    return Project(name, found, *columns)


class Fitted(NamedTuple):
    """One additive model."""

    weights: "np.ndarray[Any, Any]"
    usual: "np.ndarray[Any, Any]"

    def of(self, matrix: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        return (matrix - self.usual) @ self.weights


def fit(projects: list[Project], names: dict[str, str], *, reverts: bool) -> Fitted:
    """Every project counts as much as any other."""
    matrix = np.vstack([p.matrix(names) for p in projects])
    labels = np.concatenate([p.reverted if reverts else p.harmful for p in projects])
    counts = np.concatenate([np.full(len(p.lines), 1 / len(p.lines)) for p in projects])
    usual, spread = matrix.mean(0), matrix.std(0) + 1e-9
    model = LogisticRegression(
        C=0.05 if reverts else 1.0, max_iter=1000, class_weight="balanced" if reverts else None
    )
    weight = None if reverts else counts / counts.mean()
    model.fit((matrix - usual) / spread, labels, sample_weight=weight)
    return Fitted(model.coef_[0] / spread, usual)


def places(values: "np.ndarray[Any, Any]") -> list[float]:
    """Steps of a distribution, each above the one before."""
    steps = np.quantile(values, np.linspace(0.005, 0.995, PLACES + 1))
    return [round(float(step) + n * 1e-6, 6) for n, step in enumerate(steps)]


def rank(values: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") / len(values)


def caught(labels: "np.ndarray[Any, Any]", values: "np.ndarray[Any, Any]") -> float:
    """Share of the harmful commits among the riskiest fifth."""
    first = np.argsort(-values, kind="stable")[: max(1, len(values) // 5)]
    return float(labels[first].sum() / labels.sum())


def among_equals(project: Project, values: "np.ndarray[Any, Any]") -> float:
    """AUC within ten classes of size, weighted by the pairs in each."""
    above = below = 0.0
    for part in np.array_split(np.argsort(project.lines, kind="stable"), 10):
        bad = project.harmful[part].sum()
        pairs = bad * (len(part) - bad)
        if pairs:
            above += roc_auc_score(project.harmful[part], values[part]) * pairs
            below += pairs
    return above / below


def main() -> int:
    """Print the table; write the weights where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        projects = [load(path.resolve(), Path(cache)) for path in given.repositories]
    table: dict[str, list[list[float]]] = {}
    undone: dict[str, list[np.ndarray[Any, Any]]] = {}
    for project in projects:
        others = [p for p in projects if p is not project]
        exposure = fit(others, EXPOSURE, reverts=False).of(project.matrix(EXPOSURE))
        unfamiliar = fit(others, UNFAMILIARITY, reverts=True).of(project.matrix(UNFAMILIARITY))
        scores = {
            "lines added": project.lines,
            "past fixes": project.found["fixes"],
            "exposure": exposure,
            "unfamiliarity": unfamiliar,
            "6 parts to 1": 6 * rank(exposure) + rank(unfamiliar),
        }
        for name, values in scores.items():
            figures = [
                float(roc_auc_score(project.harmful, values)),
                caught(project.harmful, values),
                among_equals(project, values),
            ]
            table.setdefault(name, []).append(figures)
            undone.setdefault(name, []).append(rank(values))
        share = project.harmful.mean()
        print(
            f"{project.name:32}{len(project.lines):6}{share:7.0%}  {table['exposure'][-1][0]:.3f}"
        )
    print(f"\n{'':16}   AUC    r20  same size  reverts")
    reverted = np.concatenate([p.reverted for p in projects])
    for name, rows in table.items():
        auc, r20, equals = np.mean(rows, 0)
        back = roc_auc_score(reverted, np.concatenate(undone[name]))
        print(f"{name:16} {auc:.3f}  {r20:.3f}      {equals:.3f}    {back:.3f}")
    if given.write:
        given.write.write_text(_text(projects), encoding="utf-8")
    return 0


def _text(projects: list[Project]) -> str:
    """The weights as a policy."""
    names = ", ".join(f'"{p.name.replace("+", "/")}"' for p in projects)
    lines = [
        "# What the score has learned from the past of open-source projects. Written by a program:",
        "# to change it, fit it again. `weight` is in logits for one unit above `usual`; `places`",
        "# are sums below which 0.5 % to 99.5 % of the changes were that it was fitted on.",
        "",
        "[provenance]",
        f"projects = [{names}]",
        f"commits = {sum(len(p.lines) for p in projects)}",
        f"harmful = {int(sum(p.harmful.sum() for p in projects))}",
        f"reverted = {int(sum(p.reverted.sum() for p in projects))}",
        f'date = "{datetime.now(UTC):%Y-%m-%d}"',
        'script = "benchmarks/risk/fit.py"',
        'labels = "AG-SZZ: a fix within two years changes or removes a line of the commit"',
    ]
    for title, words, reverts in (
        ("exposure", EXPOSURE, False),
        ("unfamiliarity", UNFAMILIARITY, True),
    ):
        fitted = fit(projects, words, reverts=reverts)
        sums = np.concatenate([fitted.of(p.matrix(words)) for p in projects])
        lines += ["", f"[{title}]", "places = ["]
        lines += [f"    {step}," for step in places(sums)]
        lines += ["]", "", f"[{title}.traits]"]
        for (name, says), weight, usual in zip(
            words.items(), fitted.weights, fitted.usual, strict=True
        ):
            lines.append(
                f'{name} = {{ weight = {weight:.5f}, usual = {usual:.5f}, says = "{says}" }}'
            )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
