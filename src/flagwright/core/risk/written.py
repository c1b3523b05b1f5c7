"""Write what was learned as a policy that a person can read, compare and keep."""

import json
from collections.abc import Iterator, Sequence

from flagwright.core.risk.model import Part, Weights

_HEAD = """\
# What the score has learned from the past of projects. Written by a program: to change it, fit
# it again. `weight` is in logits for one unit above `usual`; `places` are sums below which 0.5 %
# to 99.5 % of the changes were that it was fitted on, `bend` the power of that share which is the
# share of the part's points; [scale] has the scores of 0 % to 100 %.
"""


def written(weights: Weights) -> str:
    """The text of a policy file that loads as these weights."""
    return _HEAD + "\n".join(_lines(weights)) + "\n"


def _lines(weights: Weights) -> Iterator[str]:
    yield from ("", "[provenance]")
    for name, value in weights.provenance.items():
        yield f"{name} = {json.dumps(value, ensure_ascii=False)}"
    yield from ("", "[scale]", f'of = "{weights.scale.of}"', "scores = [")
    yield from _rows(weights.scale.scores)
    yield "]"
    parts: tuple[tuple[str, Part], ...] = (
        ("exposure", weights.exposure),
        ("unfamiliarity", weights.unfamiliarity),
    )
    for title, part in parts:
        yield from ("", f"[{title}]", f"bend = {part.bend:g}")
        if part.counts != 1:
            yield f"counts = {part.counts:g} # of the points of the policy; exposure gets the rest"
        yield "places = ["
        yield from _rows(part.places)
        yield from ("]", "", f"[{title}.traits]")
        for name, trait in part.traits.items():
            says = json.dumps(trait.says, ensure_ascii=False)
            numbers = f"weight = {trait.weight:g}, usual = {trait.usual:g}"
            yield f"{name} = {{ {numbers}, says = {says} }}"


def _rows(numbers: Sequence[float]) -> Iterator[str]:
    for start in range(0, len(numbers), 10):
        yield "    " + "".join(f"{number:.8g}, " for number in numbers[start : start + 10]).rstrip()
