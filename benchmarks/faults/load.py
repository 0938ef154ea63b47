"""Clients that ask all the time, and know what became of each request."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

ROW = b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1.0, 2.0]]}}'
ECHO = b'{"input": "echo"}'


def request(body: bytes, *headers: str) -> bytes:
    """The bytes of a request to predict."""
    lines = ["POST /invocations HTTP/1.1", "host: faults", f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def answered(reader: asyncio.StreamReader) -> tuple[int, dict[str, Any], bool]:
    """Status and content of the next answer, and whether the connection is kept; raises OSError or EOFError if none."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))
    return int(head.split()[1]), orjson.loads(await reader.readexactly(length)), b"connection: close" not in lines


@dataclass(frozen=True)
class Lost:
    """A request that was not answered: when, why, and which process had answered on its connection before."""

    moment: float
    error: str
    worker: int | None


@dataclass
class Load:
    """What became of the requests so far: when each was answered and with which status, and those that were lost.

    Not counted as asked: what no server had accepted (a refused connection).
    """

    port: int
    body: bytes
    kept: bool
    answers: list[tuple[float, int]] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    stopped: bool = False

    def failed(self) -> int:
        """How many were not answered, or not with 200."""
        return len(self.lost) + sum(status != 200 for _, status in self.answers)

    async def ask(self) -> None:
        """One client, until it is stopped or no server listens."""
        while not self.stopped:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except ConnectionRefusedError:
                return
            except OSError as error:  # a connection that was made, and reset before the client knew
                self.lost.append(Lost(time.monotonic(), repr(error), None))
                continue
            await self._converse(reader, writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        alive, worker = True, None
        while alive and not self.stopped:
            writer.write(request(self.body, *([] if self.kept else ["connection: close"])))
            try:
                status, content, alive = await answered(reader)
            except (OSError, EOFError) as error:
                self.lost.append(Lost(time.monotonic(), repr(error), worker))
                return
            worker = content.get("pid")
            self.answers.append((time.monotonic(), status))


@contextmanager
def load(port: int, body: bytes, *, clients: int = 16, kept: bool = True) -> Iterator[Load]:
    """So many clients that ask until this is left, on connections of their own, or one for each request."""
    asking = Load(port, body, kept)
    thread = threading.Thread(target=lambda: asyncio.run(_crowd(asking, clients)))
    thread.start()
    try:
        yield asking
    finally:
        asking.stopped = True
        thread.join()


async def _crowd(asking: Load, clients: int) -> None:
    await asyncio.gather(*(asking.ask() for _ in range(clients)))


def ask(port: int, body: bytes) -> tuple[int | None, Any]:
    """Status and content of the answer to one request; None and the error where there is none."""

    async def once() -> tuple[int | None, Any]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request(body, "connection: close"))
            return (await answered(reader))[:2]
        finally:
            writer.close()

    try:
        return asyncio.run(once())
    except (OSError, EOFError) as error:
        return None, error
