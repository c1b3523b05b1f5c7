"""What `risk fit` tells of weights that are better in one way and worse in another."""

from pathlib import Path

import pytest

from flagwright.adapters.shipped import Own, load_policy
from flagwright.core.risk.backtest import Figures
from flagwright.core.risk.fit import Fit
from flagwright.core.risk.model import Weights
from flagwright.surface.answers import fitted
from flagwright.workbench.learn import Learned


@pytest.mark.parametrize(
    ("caught", "words"),
    [
        ((0.2, 0.3, 0.43), "they catch less: 43% and not 45% of the harm at 20 %."),
        (
            (0.1, 0.2, 0.45),
            "10% and not 15% of the harm at 5 %, 20% and not 30% of the harm at 10 %.",
        ),
        ((0.2, 0.3, 0.45), "in force: AUC 0.783, and 0.780."),
    ],
)
def test_weights_that_catch_less_at_the_gate_say_so(
    caught: tuple[float, ...], words: str, tmp_path: Path
) -> None:
    weights = load_policy(Weights, "weights", Own()).policy
    own = Figures(auc=0.783, caught=(*caught, 0.9))
    given = Figures(auc=0.780, caught=(0.15, 0.3, 0.45, 0.9))
    fit = Fit(weights, True, 620, own, given, given)
    steps = {"fit.better": "Written to {file}."}

    said = fitted(Learned(weights, fit, None, "a" * 40), tmp_path / "weights-mine.toml", steps)

    assert said.message.endswith(words)
