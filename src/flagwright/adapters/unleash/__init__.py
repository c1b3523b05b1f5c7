"""The flag server: an Unleash, the embedded one or any other, through its Admin API."""

from flagwright.adapters.unleash.client import Unleash
from flagwright.adapters.unleash.report import ServerReport

__all__ = ["ServerReport", "Unleash"]
