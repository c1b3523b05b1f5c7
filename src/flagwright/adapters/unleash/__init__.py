"""The flag server: an Unleash, the embedded one or any other, through its Admin API."""

from flagwright.adapters.unleash.application import Application
from flagwright.adapters.unleash.client import Unleash
from flagwright.adapters.unleash.events import HOST
from flagwright.adapters.unleash.report import ServerReport
from flagwright.adapters.unleash.wire import Request, together

__all__ = ["HOST", "Application", "Request", "ServerReport", "Unleash", "together"]
