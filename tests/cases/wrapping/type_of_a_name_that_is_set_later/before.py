import asyncio
import os
import typing

protocol: typing.Callable[..., asyncio.Protocol] | None
try:
    from fast import protocol
except ImportError:
    protocol = None


def chosen():
    return protocol
