import asyncio
import os
from typing import Callable

protocol: Callable[..., asyncio.Protocol] | None
try:
    from fast import protocol
except ImportError:
    protocol = None


def chosen():
    return protocol or os
