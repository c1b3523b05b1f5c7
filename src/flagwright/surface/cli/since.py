"""Read how far back to look: a day, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

import click

_AGO = re.compile(r"(\d{1,4})(d|w|m|y)")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


class Since(click.ParamType[datetime]):
    """A day, or how long ago."""

    name = "since"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read `30d`, `6m` or `2026-01-31`."""
        if isinstance(value, datetime):
            return value
        if found := _AGO.fullmatch(str(value)):
            return datetime.now(UTC) - timedelta(days=int(found[1]) * _DAYS[found[2]])
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            self.fail(f"{value!r} is neither a day (2026-01-31) nor a time (30d, 8w, 6m, 1y)")
