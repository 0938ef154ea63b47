"""More clients than a server can answer, and as many as it should."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from benchmarks.faults.load import ROW, request
from benchmarks.faults.rows import Figure, fault
from benchmarks.faults.servers import Running, running
from benchmarks.processes import own_bytes

#: What a prediction takes, in seconds: requests wait at the default ``--max-queue`` as long as 1024 of them.
SLOW = b'{"input": "echo", "sleep": 0.001}'
AS_MANY_AS_MAY_WAIT = 1000
OVERLOAD = 5
SECONDS = 25
#: From when on memory has to be flat, and how many bytes more are flat.
SETTLED, FLAT = 10, 4 * 2**20
CONNECTIONS, REQUESTS = 400, 1200


@dataclass
class Crowd:
    """Clients that ask again as soon as they are answered, or a second after they were refused, as they were told to.

    ``times`` are the seconds that a good answer took, ``codes`` counts all by status; without ``limit`` they never end.
    """

    port: int
    message: bytes
    limit: int | None = None
    times: list[float] = field(default_factory=list)
    codes: Counter[int] = field(default_factory=Counter)
    lost: int = 0

    async def run(self, clients: int, seconds: float) -> None:
        """So many clients for so long, or until as many requests as may be have been answered."""
        loop = asyncio.get_running_loop()
        made = []
        for _ in range(clients):
            made.append(await loop.create_connection(lambda: _Client(self), "127.0.0.1", self.port))
        end = loop.time() + seconds
        while loop.time() < end and not (self.limit is not None and self.codes.total() + self.lost >= self.limit):
            await asyncio.sleep(0.05)
        for transport, _ in made:
            transport.abort()


class _Client(asyncio.Protocol):
    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._received = b""
        self._began = 0.0
        self._left = None if crowd.limit is None else REQUESTS // CONNECTIONS

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        self._crowd.lost += self._left != 0 and error is not None

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._received.endswith(b"}"):
            return
        status = int(self._received[9:12])
        self._crowd.codes[status] += 1
        if status == 200:
            self._crowd.times.append(time.perf_counter() - self._began)
        self._received = b""
        if self._left is not None:
            self._left -= 1
        if self._left != 0:
            asyncio.get_running_loop().call_later(1.0 if status == 429 else 0.0, self._ask)

    def _ask(self) -> None:
        self._began = time.perf_counter()
        if not self._transport.is_closing():
            self._transport.write(self._crowd.message)


@fault
def overload() -> Iterator[Figure]:
    """As many clients as may wait; then so many more that five times as much is asked as was answered before."""
    with running("obedient") as server:
        calm, _ = _crowd(server, AS_MANY_AS_MAY_WAIT)
    with running("obedient") as server:
        rate = len(calm.times) / (SECONDS - SETTLED)
        wild, growth = _crowd(server, AS_MANY_AS_MAY_WAIT + round((OVERLOAD - 1) * rate))  # the refused ask each second
    before, after = _p99(calm.times), _p99(wild.times)
    others = wild.codes.total() - wild.codes[200] - wild.codes[429] + calm.codes.total() - calm.codes[200]
    told = f"{wild.codes[200]} accepted, {wild.codes[429]} told to come again"
    yield Figure(f"answers that are neither 200 nor 429 ({told})", others, 0)
    yield Figure(f"p99 of the accepted, to that of a full queue ({before:.2f} s)", after / before, 3, "times")
    yield Figure(f"growth of memory from {SETTLED} s on", growth / 2**20, FLAT / 2**20, "MiB")


@fault
def many_connections() -> Iterator[Figure]:
    """1 200 requests from 400 connections at once."""
    with running("flowers", "-w", "2") as server:
        crowd = Crowd(server.port, request(ROW), limit=REQUESTS)
        asyncio.run(crowd.run(CONNECTIONS, 60))
    told = f"{REQUESTS} requests from {CONNECTIONS} connections"
    yield Figure(f"of {told} not answered with 200", REQUESTS - crowd.codes[200], 0)


def _crowd(server: Running, clients: int) -> tuple[Crowd, int]:
    """What became of so many clients, and by how much the memory of the server grew once it had settled."""
    crowd = Crowd(server.port, request(SLOW))
    thread = threading.Thread(target=lambda: asyncio.run(crowd.run(clients, SECONDS)))
    thread.start()
    time.sleep(SETTLED)
    crowd.times.clear()
    settled = own_bytes(server.process)
    most = settled
    while thread.is_alive():
        most = max(most, own_bytes(server.process))
        time.sleep(0.5)
    thread.join()
    return crowd, most - settled


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]
