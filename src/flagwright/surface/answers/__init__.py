"""Lean answers of the steps: what an assistant pays tokens for, and what `--json` prints.

`status`, `message` and `next_step` come first: many clients hand the model nothing else to
go by. Words about what comes next are read from `prompts/next-steps-*.toml`.
"""

from flagwright.surface.answer import Answer, Words
from flagwright.surface.answers.audit import (
    ChainAnswer,
    ExportAnswer,
    FlushAnswer,
    checked,
    exported,
    flushed,
)
from flagwright.surface.answers.ending import ended
from flagwright.surface.answers.flag import (
    CreateAnswer,
    FindAnswer,
    FlagView,
    created,
    found,
    view_flag,
)
from flagwright.surface.answers.handover import HandoverAnswer, handed_out
from flagwright.surface.answers.known import GetAnswer, known, most_entries
from flagwright.surface.answers.ledger import EntryView, LedgerAnswer, ledger, ledger_on_server
from flagwright.surface.answers.plan import (
    ApplyAnswer,
    DecisionAnswer,
    PlanAnswer,
    PlanRow,
    PlansAnswer,
    UndoAnswer,
    applied,
    decided,
    listed,
    planned,
    prove_in_words,
    undone,
)
from flagwright.surface.answers.rehearsal import RehearsalAnswer, rehearsed
from flagwright.surface.answers.release import FlagVerdict, ReleaseAnswer, released
from flagwright.surface.answers.risk import BacktestAnswer, FitAnswer, GateView, backtested, fitted
from flagwright.surface.answers.score import FindingView, RuleView, ScoreAnswer, scored, view_rule
from flagwright.surface.answers.switch import SwitchAnswer, switched
