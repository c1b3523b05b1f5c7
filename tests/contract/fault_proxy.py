"""Stand between a client and a flag server on a port of this machine, and do it harm.

Without a fault, every request is passed on as it came. A fault is a function that gets the
connection and the request, and may pass it on, twice, late, or not at all.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self, TypeVar

import httpx

T = TypeVar("T")
HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "keep-alive"}
"""Headers that are about one connection, or about a body that was unpacked."""


@dataclass
class Request:
    """One request as it came, and the way it is passed on."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    upstream: httpx.AsyncClient

    async def passed_on(self) -> bytes:
        """The whole answer of the real server, as bytes for the wire."""
        answer = await self.upstream.request(
            self.method, self.path, headers=self.headers, content=self.body
        )
        headers = [(k, v) for k, v in answer.headers.items() if k.lower() not in HOP]
        return reply(answer.status_code, answer.content, *headers)


Fault = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


def reply(status: int, body: bytes = b"", *headers: tuple[str, str], length: int = -1) -> bytes:
    """An answer; `length` is what it claims, where that is not the truth."""
    claimed = len(body) if length < 0 else length
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {claimed}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass
class Proxy:
    """A running proxy; `fault` may be changed at any time, from any thread."""

    target: str
    fault: Fault | None = None
    heard: list[str] = field(default_factory=list)
    """What was asked of it: method and path."""
    url: str = ""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = self._do(self._listen(0))
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join()

    def refuse(self) -> None:
        """Listen no more: whoever connects is refused."""
        self._loop.call_soon_threadsafe(self._server.close)
        self._do(asyncio.sleep(0))

    def listen(self) -> None:
        """Listen again on the same port."""
        self._server = self._do(self._listen(int(self.url.rpartition(":")[2])))

    def _do(self, work: Awaitable[T]) -> T:
        async def done() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(30)

    async def _listen(self, port: int) -> asyncio.Server:
        return await asyncio.start_server(self._talk, "127.0.0.1", port, limit=1 << 20)

    def _cancel(self) -> None:
        async def end() -> None:
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._loop.stop()

        self._ending = self._loop.create_task(end())

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            method, path, _ = first.split(" ")
            headers = [(n.strip(), v.strip()) for n, _, v in (h.partition(":") for h in lines)]
            size = next((int(v) for n, v in headers if n.lower() == "content-length"), 0)
            body = await reader.readexactly(size)
            self.heard.append(f"{method} {path}")
            kept = [(n, v) for n, v in headers if n.lower() not in HOP | {"host"}]
            async with httpx.AsyncClient(
                base_url=self.target, trust_env=False, timeout=30
            ) as upstream:
                request = Request(method, path, kept, body, upstream)
                await (self.fault or passing)(request, writer)
            if not writer.transport.is_closing():
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, httpx.HTTPError, asyncio.CancelledError):
            pass  # Whoever asked, or whom we asked, is gone; or the test is over.
        finally:
            writer.close()


async def passing(request: Request, writer: asyncio.StreamWriter) -> None:
    """No fault."""
    writer.write(await request.passed_on())


async def reset(request: Request, writer: asyncio.StreamWriter) -> None:
    """Break the connection in the middle of an answer."""
    answer = await request.passed_on()
    writer.write(answer[: max(1, len(answer) // 2)])
    await writer.drain()
    writer.transport.abort()


async def hang(request: Request, writer: asyncio.StreamWriter) -> None:
    """Take the request and never say a word."""
    await asyncio.sleep(3600)


async def drip(request: Request, writer: asyncio.StreamWriter) -> None:
    """Answer truly, a byte at a time."""
    for byte in await request.passed_on():
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)


async def truncated(request: Request, writer: asyncio.StreamWriter) -> None:
    """End a little before the end."""
    writer.write((await request.passed_on())[:-3])


async def garbage(request: Request, writer: asyncio.StreamWriter) -> None:
    """Do what was asked, and answer with something else."""
    await request.passed_on()
    writer.write(reply(200, b"<html>\x00\xff what?"))


async def lost(request: Request, writer: asyncio.StreamWriter) -> None:
    """Do what was asked, and break the connection before the answer."""
    await request.passed_on()
    writer.transport.abort()


async def lost_write(request: Request, writer: asyncio.StreamWriter) -> None:
    """Answer what is only read; lose the answers to what is written."""
    answer = await request.passed_on()
    if request.method == "GET":
        writer.write(answer)
    else:
        writer.transport.abort()


async def twice(request: Request, writer: asyncio.StreamWriter) -> None:
    """Pass everything on twice, as a proxy does that tries again by itself."""
    await request.passed_on()
    writer.write(await request.passed_on())


async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
    """Do what was asked, half a second late."""
    await asyncio.sleep(0.5)
    writer.write(await request.passed_on())


async def too_slow(request: Request, writer: asyncio.StreamWriter) -> None:
    """Do what was asked, when nobody waits for it any more."""
    if request.method != "GET":
        await asyncio.sleep(3.5)
    writer.write(await request.passed_on())


def saying(status: int, *headers: tuple[str, str], body: bytes = b"no") -> Fault:
    """Answer so, and do nothing."""

    async def say(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(status, body, *headers))

    return say
