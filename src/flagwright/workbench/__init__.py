"""The steps of the main job, one method each; the only place where steps follow each other.

All doors open here, so no door can do what another forbids. Every step goes through the
recorder: intent, effect, outcome.
"""

from flagwright.adapters.store import Counts
from flagwright.workbench.audit import Checked, Exported, LedgerPage
from flagwright.workbench.bench import Workbench
from flagwright.workbench.examination import Examined, PolicyReport
from flagwright.workbench.flags import Flags, Known
from flagwright.workbench.plans import Applied, Plans
from flagwright.workbench.proposals import Proposal
from flagwright.workbench.release import Released
from flagwright.workbench.search import Found, Search
from flagwright.workbench.switching import Switched

__all__ = [
    "Applied",
    "Checked",
    "Counts",
    "Examined",
    "Exported",
    "Flags",
    "Found",
    "Known",
    "LedgerPage",
    "Plans",
    "PolicyReport",
    "Proposal",
    "Released",
    "Search",
    "Switched",
    "Workbench",
]
