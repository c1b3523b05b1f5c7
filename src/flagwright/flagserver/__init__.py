"""An Unleash-compatible flag server in one ASGI app and one SQLite file."""
