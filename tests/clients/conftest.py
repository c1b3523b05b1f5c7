"""Clients that other people wrote, from their registry."""

import os
from pathlib import Path

import pytest

from tests.contract.real_unleash import CannotStart, programs

CLIENT, INSPECTOR = "@modelcontextprotocol/client@2.4.0", "@modelcontextprotocol/inspector@2.12.0"


@pytest.fixture(scope="session")
def clients() -> tuple[Path, Path]:
    """A node and the folder of the clients; where they cannot be had, the tests say so."""
    try:
        return programs(CLIENT, INSPECTOR)
    except CannotStart as error:
        if "clients" in os.environ.get("FLAGWRIGHT_REQUIRE", "").split(","):
            pytest.fail(f"FLAGWRIGHT_REQUIRE names clients: {error}")
        pytest.skip(f"The clients cannot be installed: {error}")
