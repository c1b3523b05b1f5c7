"""Fit the shipped weights of the risk score, and judge them on projects that were left out.

`python -m benchmarks.risk.fit REPOSITORY... [--write policies/weights.toml]`; the repositories
may be bare, and each is called by the name of its folder or of the one around it. Needs
scikit-learn, which `pip install '.[fit]'` brings.

Each project is judged by weights that were fitted on all others, on its changes of production
code: one of tests alone never does harm as it is counted here, so that leaving those in makes
harm easy to tell. `AUC` and `r20` (share of the harmful commits among the riskiest fifth) are
of commits that a later fix blames, `same size` is AUC among commits with as many added lines,
`reverts` is AUC on commits that were reverted, ranked within their project.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from benchmarks.risk.peers import kamei, keywords
from flagwright.adapters.git import Git
from flagwright.adapters.shipped import Own, load_policy
from flagwright.core.risk.engine import assess
from flagwright.core.risk.model import Part, Trait, Weights, traits
from flagwright.core.risk.past import familiarity
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.risk.scale import Scale
from flagwright.core.risk.written import written

EXPOSURE = {
    "chars": "{} characters of code added",
    "words": "words added that were not there: {}",
    "distinct_share": "{} % of the added lines are written once",
    "hunks": "hunks: {}",
    "mixed_share": "{} % of the places replace code",
    "calls": "calls added: {}",
    "given": "values given to names: {}",
    "failures": "words about errors: {}",
    "nesting": "levels of nesting: {}",
    "fixes": "recent fixes in these files: {}",
    "unfixed_days": "days since the last fix in these files, 3,650 for none: {}",
    "age_days": "age of the files in days: {}",
    "fix_share": "about {} % of the author's commits are fixes",
}
UNFAMILIARITY = {
    "share": "{} % of the past changes of these files are the author's",
    "presence": "{} % of the project's latest changes are the author's",
    "experience": "commits by the author before: {}",
}
SHIPPED = Path(__file__).parents[2] / "policies" / "weights.toml"
SCHEMA = "#:schema ../schemas/weights.schema.json\n"
NEWEST, YEAR, SAMPLE = 6000, 365 * 86_400, 600
PLACES = 40
BEND = {"exposure": 3.0, "unfamiliarity": 2.0}
"""See `Part.bend`; 1 to 6 were tried with several mixtures, and these lose least of either harm."""
PULL, FREE = 1000.0, 100.0
"""How many changes it takes to move a weight, and how little that holds for the rate of harm of
each project: it is fitted beside the weights, so that these tell changes of one project apart."""


class Project(NamedTuple):
    """The commits of one project that change code or tests."""

    name: str
    path: Path
    found: dict[str, "np.ndarray[Any, Any]"]
    """Each trait, by commit."""
    sample: list[str]
    """Commits whose whole score is looked at: some that were drawn, and all that were reverted."""
    drawn: "np.ndarray[Any, Any]"
    """Their places in the other columns; those of the former come first."""
    is_code: "np.ndarray[Any, Any]"
    """Whether code is changed that runs in production, and not tests alone."""
    harmful: "np.ndarray[Any, Any]"
    reverted: "np.ndarray[Any, Any]"
    lines: "np.ndarray[Any, Any]"
    """Lines added to code and to tests."""
    keywords: "np.ndarray[Any, Any]"
    kamei: "np.ndarray[Any, Any]"

    def matrix(self, names: dict[str, str]) -> "np.ndarray[Any, Any]":
        return np.column_stack([self.found[name] for name in names])

    def figures(self, values: "np.ndarray[Any, Any]") -> list[float]:
        """How well a number tells harm among the changes of production code."""
        harmful, values = self.harmful[self.is_code], values[self.is_code]
        equals = among_equals(self.lines[self.is_code], harmful, values)
        return [float(roc_auc_score(harmful, values)), caught(harmful, values), equals]


def load(repository: Path, cache: Path) -> Project:
    """Measure the newest commits that are at least a year older than the last one."""
    rows: list[dict[str, float]] = []
    ends: list[tuple[bool, bool, bool, float, float]] = []
    shas, measured = list[str](), list[list[float]]()
    said = messages(repository)
    with Git(cache).history(repository) as history:
        head = history.commit("HEAD")
        history.read(head)
        newest = history.changes(head)[:NEWEST]
        ripe = [(sha, time) for sha, time in newest if time <= newest[0][1] - YEAR]
        (harmful, _), undone = history.harmful(head, ripe[-1][1]), history.reverted(head)
        for sha, _ in ripe:
            measures, files, past, _ = history.change(sha)
            if not past.is_there:
                continue
            rows.append(traits(measures, familiarity(files, past), is_known=True))
            lines = measures.lines + measures.test_lines
            kinds = measures.files > 0, sha in harmful, sha in undone
            ends.append((*kinds, lines, keywords(files, said[sha])))
            measured.append(kamei(files, past, said[sha]))
            shas.append(sha)
    found = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    columns = [np.array(column) for column in zip(*ends, strict=True)]
    name = repository.parent.name if repository.name in ("repo", ".git") else repository.name
    some = random.Random(1).sample(range(len(rows)), min(SAMPLE, len(rows)))
    drawn = np.array([*some, *sorted({n for n, end in enumerate(ends) if end[2]} - {*some})])
    sample = [shas[place] for place in drawn]
    return Project(name, repository, found, sample, drawn, *columns, np.array(measured))


def messages(repository: Path) -> dict[str, str]:
    """The first line of every commit's message."""
    command = ["git", "-C", str(repository), "log", "--format=%H %s"]
    said = subprocess.run(command, check=True, capture_output=True).stdout
    lines = said.decode("utf-8", "replace").splitlines()
    return {line[:40]: line[41:] for line in lines}


class Fitted(NamedTuple):
    """One additive model."""

    weights: "np.ndarray[Any, Any]"
    usual: "np.ndarray[Any, Any]"

    def of(self, matrix: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        return (matrix - self.usual) @ self.weights


def fit(projects: list[Project], names: dict[str, str], *, reverts: bool) -> Fitted:
    """Every project counts as much as any other."""
    return fit_matrix([p.matrix(names) for p in projects], projects, reverts=reverts)


def fit_matrix(
    columns: list["np.ndarray[Any, Any]"], projects: list[Project], *, reverts: bool = False
) -> Fitted:
    """The same, of any numbers."""
    matrix = np.vstack([some[p.is_code] for some, p in zip(columns, projects, strict=True)])
    labels = np.concatenate([(p.reverted if reverts else p.harmful)[p.is_code] for p in projects])
    sizes = [int(p.is_code.sum()) for p in projects]
    usual, spread = matrix.mean(0), matrix.std(0) + 1e-9
    scaled = (matrix - usual) / spread
    if reverts:
        model = LogisticRegression(C=0.05, max_iter=1000, class_weight="balanced")
        return Fitted(model.fit(scaled, labels).coef_[0] / spread, usual)
    weight = np.concatenate([np.full(size, len(scaled) / len(sizes) / size) for size in sizes])
    whose = np.repeat(np.eye(len(sizes)), sizes, axis=0) * FREE
    model = LogisticRegression(C=1 / PULL, solver="newton-cholesky", fit_intercept=False)
    model.fit(np.hstack([scaled, whose]), labels, sample_weight=weight)
    return Fitted(model.coef_[0][: len(usual)] / spread, usual)


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


def among_equals(
    lines: "np.ndarray[Any, Any]",
    harmful: "np.ndarray[Any, Any]",
    values: "np.ndarray[Any, Any]",
    classes: int = 5,
) -> float:
    """AUC within classes of size, weighted by the pairs in each."""
    above = below = 0.0
    for part in np.array_split(np.argsort(lines, kind="stable"), classes):
        bad = harmful[part].sum()
        pairs = bad * (len(part) - bad)
        if pairs:
            above += roc_auc_score(harmful[part], values[part]) * pairs
            below += pairs
    return above / below


def judge_parts(projects: list[Project], folds: list[list[Project]]) -> None:
    """Print how each part does on each project, and what others score a change by."""
    table: dict[str, list[list[float]]] = {}
    undone: dict[str, list[np.ndarray[Any, Any]]] = {}
    for project, others in zip(projects, folds, strict=True):
        values_of = {
            "lines added": project.lines,
            "keywords": project.keywords,
            "Kamei, 13 of 14": fit_matrix([p.kamei for p in others], others).of(project.kamei),
            "past fixes": project.found["fixes"],
            "exposure": fit(others, EXPOSURE, reverts=False).of(project.matrix(EXPOSURE)),
            "unfamiliarity": fit(others, UNFAMILIARITY, reverts=True).of(
                project.matrix(UNFAMILIARITY)
            ),
        }
        for name, values in values_of.items():
            table.setdefault(name, []).append(project.figures(values))
            undone.setdefault(name, []).append(rank(values[project.is_code]))
        count, share = project.is_code.sum(), project.harmful[project.is_code].mean()
        print(f"{project.name:32}{count:6}{share:7.0%}  {table['exposure'][-1][0]:.3f}")
    print(f"\n{'':16}   AUC    r20  same size  reverts")
    reverted = np.concatenate([p.reverted[p.is_code] for p in projects])
    for name, rows in table.items():
        auc, r20, equals = np.mean(rows, 0)
        back = roc_auc_score(reverted, np.concatenate(undone[name]))
        print(f"{name:16} {auc:.3f}  {r20:.3f}      {equals:.3f}    {back:.3f}")


def judge_scores(
    projects: list[Project], scored: list["np.ndarray[Any, Any]"], *, only_code: bool
) -> None:
    """Print how the whole score does: harm among those drawn, reverts among all of the sample."""
    rows, reverted, values = [], [], []
    for project, found in zip(projects, scored, strict=True):
        looked_at = project.is_code[project.drawn] | (not only_code)
        reverted.append(project.reverted[project.drawn][looked_at])
        values.append(found[looked_at])
        some, own = project.drawn[:SAMPLE][looked_at[:SAMPLE]], found[:SAMPLE][looked_at[:SAMPLE]]
        harmful = project.harmful[some]
        equals = among_equals(project.lines[some], harmful, own)
        rows.append((roc_auc_score(harmful, own), caught(harmful, own), equals))
    auc, r20, equals = np.mean(rows, 0)
    undone = roc_auc_score(np.concatenate(reverted), np.concatenate(values))
    print(
        f"AUC {auc:.3f}, r20 {r20:.3f}, same size {equals:.3f}, reverts (pooled) {undone:.3f}: "
        + ("changes of production code" if only_code else "those of tests alone, too")
    )


def main() -> int:
    """Print the table; write the weights where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache, ProcessPoolExecutor() as processes:
        paths = [path.resolve() for path in given.repositories]
        projects = list(processes.map(load, paths, repeat(Path(cache))))
        folds = [[p for p in projects if p is not project] for project in projects]
        learned = [weights_of(others, _provenance(others)) for others in folds]
        shipped = weights_of(projects, _provenance(projects))
        scored = list(processes.map(scores, projects, learned, repeat(Path(cache))))
    judge_parts(projects, folds)
    print("\nthe whole score")
    for only_code in (True, False):
        judge_scores(projects, scored, only_code=only_code)
    if given.write:
        whole = np.concatenate([found[:SAMPLE] for found in scored])
        steps = np.quantile(whole, np.linspace(0, 1, 101))
        scale = Scale(of="shipped", scores=tuple(round(float(step), 2) for step in steps))
        text = written(shipped.model_copy(update={"scale": scale}))
        given.write.write_text(SCHEMA + text, encoding="utf-8")
    return 0


def weights_of(projects: list[Project], provenance: dict[str, Any]) -> Weights:
    """Both parts, fitted on these projects; the scale is that of the shipped weights."""
    parts = {}
    for title, words, reverts in (
        ("exposure", EXPOSURE, False),
        ("unfamiliarity", UNFAMILIARITY, True),
    ):
        fitted = fit(projects, words, reverts=reverts)
        steps = places(np.concatenate([fitted.of(p.matrix(words))[p.is_code] for p in projects]))
        parts[title] = Part(
            traits={
                name: Trait(weight=round(float(w), 5), usual=round(float(u), 5), says=says)
                for (name, says), w, u in zip(
                    words.items(), fitted.weights, fitted.usual, strict=True
                )
            },
            places=tuple(steps),
            bend=BEND[title],
        )
    scale = Scale.model_validate(tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["scale"])
    return Weights(provenance=provenance, scale=scale, **parts)


def scores(project: Project, weights: Weights, cache: Path) -> "np.ndarray[Any, Any]":
    """Whole scores of the sample of a project, with the shipped policy for the impact."""
    policy = load_policy(RiskPolicy, "risk", Own()).policy
    found: list[float] = []
    with Git(cache).history(project.path) as history:
        for sha in project.sample:
            change, past = history.committed(sha)
            said = assess(change, policy, weights, past=past, policy_digest="0" * 64)
            found.append(said.score)
    return np.array(found)


def _provenance(projects: list[Project]) -> dict[str, Any]:
    return {
        "projects": tuple(p.name.replace("+", "/") for p in projects),
        "commits": int(sum(p.is_code.sum() for p in projects)),
        "harmful": int(sum(p.harmful[p.is_code].sum() for p in projects)),
        "reverted": int(sum(p.reverted[p.is_code].sum() for p in projects)),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "script": "benchmarks/risk/fit.py",
        "labels": "AG-SZZ: a fix within two years changes or removes a line of the commit",
    }


if __name__ == "__main__":
    sys.exit(main())
