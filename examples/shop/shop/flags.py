"""The one flag client of the shop.

A flag that cannot be read is off: before the client has started, without a flag server,
and for a name that the server does not know.
"""

import os
from contextvars import ContextVar
from tempfile import TemporaryDirectory

from UnleashClient import UnleashClient

customer: ContextVar[str] = ContextVar("customer", default="")
"""Whose request is answered: a flag that is on for a share of the customers goes by this."""


class Flags:
    """UnleashClient under a start and a stop, told by the environment where its server is."""

    def __init__(self) -> None:
        self._unleash: UnleashClient | None = None

    def start(self) -> None:
        """Begin to poll `UNLEASH_URL` with `UNLEASH_API_TOKEN`; without a URL, do nothing."""
        url = os.environ.get("UNLEASH_URL")
        if url and self._unleash is None:
            self._cache = TemporaryDirectory(prefix="shop-flags-")
            self._unleash = UnleashClient(
                url,
                "shop",
                refresh_interval=int(os.environ.get("UNLEASH_REFRESH_SECONDS", "15")),
                metrics_interval=10,
                request_timeout=3,
                request_retries=0,
                cache_directory=self._cache.name,
                custom_headers={"Authorization": os.environ.get("UNLEASH_API_TOKEN", "")},
            )
            self._unleash.initialize_client()

    def stop(self) -> None:
        """End the polling; every flag is off again."""
        if self._unleash is not None:
            unleash, self._unleash = self._unleash, None
            unleash.destroy()
            self._cache.cleanup()

    def is_enabled(self, name: str) -> bool:
        """Is the flag on, here and now, for this customer?"""
        context = {"userId": customer.get()}
        return self._unleash is not None and self._unleash.is_enabled(name, context)


client = Flags()
