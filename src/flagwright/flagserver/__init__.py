"""An Unleash-compatible flag server in one ASGI app and one SQLite file.

It answers what Flagwright's own client and an application's UnleashClient ask, with
the words, the status codes and the traps of the real one. It imports nothing of ours
and keeps nothing in memory: several processes may serve one file.
"""

from flagwright.flagserver.routes import app, serve

__all__ = ["app", "serve"]
