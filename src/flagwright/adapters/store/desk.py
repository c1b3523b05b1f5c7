"""Let one process of this user serve the review page, and let others find it.

The code with which a person signs in there is made in their terminal, by another process,
and bound to the page's address.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from flagwright.adapters.store import codes
from flagwright.adapters.store.database import Database
from flagwright.adapters.store.place import locked


class Desk:
    """The review page of one installation."""

    def __init__(self, database: Database, key: bytes, lock: Path) -> None:
        self._database, self._key, self._lock = database, key, lock

    @contextmanager
    def held(self, address: str) -> Iterator[bool]:
        """Be the one page of this installation, at an address; false where another is."""
        with locked(self._lock, wait=False) as is_mine:
            if is_mine:
                self._lock.write_text(address)
            try:
                yield is_mine
            finally:
                if is_mine:
                    self._lock.write_text("")

    def address(self) -> str | None:
        """Address of the page, if some process serves it now."""
        with locked(self._lock, wait=False) as is_free:
            return None if is_free else self._lock.read_text() or None

    def ask(self, page: str, code: str, now: datetime, *, shown_by: str) -> None:
        """Keep the keyed hash of a code, and by which programs it is shown; older ones are void."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM entrance")
            codes.ask(connection, self._key, "sign-in", page, code, now, shown_by)

    def answer(self, page: str, code: str, now: datetime) -> str | None:
        """By which programs a code was shown; none where it is wrong, used or too old."""
        with self._database.transaction() as connection:
            found = codes.answer(connection, self._key, "sign-in", page, code, now)
        return found[0] if found else None

    def is_asked(self, page: str, now: datetime) -> bool:
        """Whether nobody has used the page's code yet."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT made_at FROM entrance WHERE page = ?", (page,))
            return any(abs(now.timestamp() - made) < codes.LIFETIME_S for (made,) in rows)
