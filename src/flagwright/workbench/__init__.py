"""The steps of the main job, one method each; the only place where steps follow each other.

All doors open here, so no door can do what another forbids. Every step goes through the
recorder: intent, effect, outcome. What needs only a part does not pay for the rest: a name is
looked up when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flagwright.adapters.shipped import Used
    from flagwright.adapters.store import Counts
    from flagwright.adapters.unleash import Request
    from flagwright.workbench.audit import Checked, Exported, LedgerPage
    from flagwright.workbench.bench import Workbench
    from flagwright.workbench.examination import Examined, PolicyReport
    from flagwright.workbench.flags import Flags, Known
    from flagwright.workbench.plans import Applied, Plans
    from flagwright.workbench.proposals import Proposal
    from flagwright.workbench.release import Released
    from flagwright.workbench.search import Found, Search
    from flagwright.workbench.switching import Switched

_HOMES = {
    "Applied": "flagwright.workbench.plans",
    "Checked": "flagwright.workbench.audit",
    "Counts": "flagwright.adapters.store",
    "Examined": "flagwright.workbench.examination",
    "Exported": "flagwright.workbench.audit",
    "Flags": "flagwright.workbench.flags",
    "Found": "flagwright.workbench.search",
    "Known": "flagwright.workbench.flags",
    "LedgerPage": "flagwright.workbench.audit",
    "Plans": "flagwright.workbench.plans",
    "PolicyReport": "flagwright.workbench.examination",
    "Proposal": "flagwright.workbench.proposals",
    "Request": "flagwright.adapters.unleash",
    "Released": "flagwright.workbench.release",
    "Search": "flagwright.workbench.search",
    "Switched": "flagwright.workbench.switching",
    "Used": "flagwright.adapters.shipped",
    "Workbench": "flagwright.workbench.bench",
}

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
    "Request",
    "Search",
    "Switched",
    "Used",
    "Workbench",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(_HOMES[name]), name)
