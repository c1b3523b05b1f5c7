"""Keep plans, decisions, records and what is owed to the flag server, on this machine only.

Fails closed: what cannot be written raises `StoreBroken`, so that nothing is done that is
not recorded. Clock and ids come from arguments. All calls block: run them off the event loop.
"""

from flagwright.adapters.store.deliveries import Counts, Owed
from flagwright.adapters.store.intents import OpenIntent
from flagwright.adapters.store.store import Store

__all__ = ["Counts", "OpenIntent", "Owed", "Store"]
