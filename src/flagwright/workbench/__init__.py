"""The steps of the main job, one method each; the only place where steps follow each other.

All doors open here, so no door can do what another forbids. Every step goes through the
recorder: intent, effect, outcome.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flagwright.adapters.shipped import Used
    from flagwright.adapters.store import Counts
    from flagwright.adapters.unleash import Request

__all__ = ["Counts", "Request", "Used"]
"""Values of adapters that a door may show, and nothing else of theirs."""
