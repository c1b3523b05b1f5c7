"""The suite holds with every flag off and with any of them on.

`SHOP_FLAGS_ON=release.shop.a,release.shop.b python -m pytest` runs it with these on.
"""

import os

import pytest

from shop.flags import client
from shop.payment import Gateway


@pytest.fixture(autouse=True)
def flags_on(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of the flags that are on; a test may add to it."""
    names = set(os.environ.get("SHOP_FLAGS_ON", "").split(","))
    monkeypatch.setattr(client, "is_enabled", names.__contains__)
    return names


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()
