"""What others score a change by, for comparison: Kamei's measures, and a table of keywords."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from flagwright.core.risk.fix import is_fix
from flagwright.core.risk.measure import Touched
from flagwright.core.risk.past import DAY, Past

KAMEI = (
    "ns",
    "nd",
    "nf",
    "entropy",
    "la",
    "ld",
    "fix",
    "ndev",
    "age",
    "nuc",
    "exp",
    "rexp",
    "sexp",
)
"""Kamei et al. 2013, without LT (lines of the files before), which the index does not hold."""


def kamei(files: Sequence[Touched], past: Past, message: str) -> list[float]:
    """NS, ND, NF, entropy, LA, LD, FIX, NDEV, AGE, NUC, EXP, REXP, SEXP; counts as logarithms.

    Kamei et al. 2013, without LT (lines of the files before), which the index does not hold.
    """
    folders = {file.path.rpartition("/")[0] for file in files}
    sizes = [file.added + file.removed for file in files if file.added + file.removed]
    shares = [size / sum(sizes) for size in sizes]
    known = [events for events in past.files.values() if events]
    every = [event for events in known for event in events]
    ages = [max(past.time - events[-1].time, 0) / DAY for events in known]
    mine = sum(event.author == past.author for event in every)
    recent = sum(1 / (max(past.time - event.time, 0) / DAY / 365 + 1) for event in past.own)
    return [
        math.log1p(len({folder.partition("/")[0] for folder in folders})),
        math.log1p(len(folders)),
        math.log1p(len(files)),
        -sum(share * math.log2(share) for share in shares),
        math.log1p(sum(file.added for file in files)),
        math.log1p(sum(file.removed for file in files)),
        float(is_fix(message)),
        math.log1p(len({event.author for event in every})),
        math.log1p(math.fsum(ages) / len(ages) if ages else 0.0),
        math.log1p(len({event.time for event in every})),
        math.log1p(len(past.own)),
        math.log1p(recent),
        math.log1p(mine),
    ]


_POINTS = {
    re.compile(r"(?i)auth|login|session|permission|password|security|payment|billing|checkout"): 5,
    re.compile(r"(?i)\bapi\b|route|endpoint|controller|external|integration|http"): 3,
    re.compile(r"(?i)async|await|concurren|queue|worker|cache|state"): 2,
    re.compile(r"(?i)\bfix|\bbug"): 1,
}
"""Read off the point table that the official Unleash MCP server gives the model as text."""


def keywords(files: Sequence[Touched], message: str) -> float:
    """Points for words in the paths and the message."""
    text = "\n".join([message, *(file.path for file in files)])
    found: Counter[int] = Counter(points for word, points in _POINTS.items() if word.search(text))
    return float(sum(points * times for points, times in found.items()))
