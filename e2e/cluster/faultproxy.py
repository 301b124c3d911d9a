"""A proxy on loopback in front of a server, which misbehaves as it is told and remembers what was asked.

`FaultProxy` understands HTTP/1.1 requests with a Content-Length, which is what clients of Weaviate and of embedding
servers send. `TcpProxy` only moves bytes, and so stands in front of TLS too: a client that trusts a certificate for
127.0.0.1 trusts it here.
"""

import asyncio
import threading
import time
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from e2e.cluster.faults import NONE, Asked, Fault

_CHUNK = 65_536
_HEAD_LIMIT = 1 << 20  # bytes of a request's head
_END_SECONDS = 10.0


class TcpProxy:
    """Moves bytes between its clients and a server; a context manager.

    Args:
        url: Root of the server.
        port: Where it listens; a free port when absent.

    Attributes:
        fault: How it misbehaves from now on; may be set at any time.
        port: Where it listens.
    """

    def __init__(self, url: str, *, port: int = 0) -> None:
        self._scheme = urlsplit(url).scheme
        self._upstream = _address(url)
        self._fault = NONE
        self.port = port
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy")

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._in_loop(asyncio.start_server(self._client, "127.0.0.1", self.port, limit=_HEAD_LIMIT))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._in_loop(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """Its root, in place of the server's."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def fault(self) -> Fault:
        """How it misbehaves."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self._fault = fault
        self._loop.call_soon_threadsafe(self._cut)  # also what hung until now: its answer would come out of order

    def lead_to(self, url: str) -> None:
        """Stand in front of another server from now on, as an address does whose server is replaced."""
        self._upstream = _address(url)
        self._loop.call_soon_threadsafe(self._cut)

    def _in_loop(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_END_SECONDS)

    async def _end(self) -> None:
        self._server.close()
        self._cut()
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:  # one may just have been accepted
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            self._open.discard(writer)
            writer.transport.abort() if self._fault.cut or self._fault.lose else writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Move bytes both ways until one side ends."""
        if self._fault.cut:
            return
        behind, ahead = await asyncio.open_connection(*self._upstream)
        self._open.add(ahead)
        ways = [asyncio.create_task(self._move(reader, ahead)), asyncio.create_task(self._move(behind, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._open.discard(ahead)
            ahead.close()

    async def _move(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(_CHUNK):
            if self._fault.hang:
                await asyncio.Event().wait()
            await asyncio.sleep(self._fault.delay)
            await self._send(writer, chunk, self._fault.drip)

    async def _send(self, writer: asyncio.StreamWriter, chunk: bytes, drip: float) -> None:
        step = 1 if drip else len(chunk) or 1
        for start in range(0, len(chunk), step):
            writer.write(chunk[start : start + step])
            await writer.drain()
            if drip:
                await asyncio.sleep(drip)


class FaultProxy(TcpProxy):
    """An HTTP proxy, one request for each connection, which remembers what was asked in `asked`."""

    def __init__(self, url: str, *, port: int = 0) -> None:
        super().__init__(url, port=port)
        self.asked: list[Asked] = []

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one request on, or do what the fault says."""
        head = await reader.readuntil(b"\r\n\r\n")
        first, *fields = head.decode("latin-1").rstrip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append(Asked(method, path, body, time.time()))
        fault = self._fault if self._fault.hits(method, path) else NONE
        if fault.cut:
            return
        if fault.hang:
            await asyncio.Event().wait()
        await asyncio.sleep(fault.delay)
        if fault.status:
            await self._answer(writer, fault)
            return
        kept = [field for field in fields if not field.lower().startswith("connection:")]
        await self._ask(
            "\r\n".join([first, *kept, "Connection: close", "", ""]).encode("latin-1") + body, writer, fault
        )

    async def _ask(self, request: bytes, writer: asyncio.StreamWriter, fault: Fault) -> None:
        """Have the server answer, and pass its answer on as the fault says."""
        behind, ahead = await asyncio.open_connection(*self._upstream)
        try:
            ahead.write(request)
            while chunk := await behind.read(_CHUNK):
                if not fault.lose:
                    await self._send(writer, chunk, fault.drip)
        finally:
            ahead.close()

    async def _answer(self, writer: asyncio.StreamWriter, fault: Fault) -> None:
        """Answer in place of the server, of a length that only the connection's end tells."""
        await self._send(writer, f"HTTP/1.1 {fault.status} Fault\r\nConnection: close\r\n\r\n".encode(), fault.drip)
        await self._send(writer, fault.body, fault.drip)
        while fault.endless:
            await self._send(writer, fault.body, fault.drip)


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80
