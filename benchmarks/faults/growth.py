"""What thousands of requests leave behind in a server: memory, open files."""

from __future__ import annotations

import gzip
import random
import socket
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path

from benchmarks.faults.load import ROW, request
from benchmarks.faults.rows import Figure, fault
from benchmarks.faults.servers import Running, running
from benchmarks.processes import own_bytes, tree

WARM_UP, REQUESTS, RESETS, CLIENTS = 6000, 20_000, 2000, 4
MOST = 2.0
#: Requests of all kinds: for the lane, the application and threads; good ones and bad ones.
KINDS = (
    request(ROW),
    request(ROW, "content-type: application/json"),
    request(ROW, "accept: text/html, */*"),
    request(gzip.compress(ROW), "content-encoding: gzip"),
    request(b"length,width\n1,2\n", "content-type: text/csv"),
    request(ROW.replace(b"[[", b"[" + b"[7, 8]," * 4000 + b"[")),
    request(b'{"inputs": '),
    request(b'{"dataframe_records": [{"length": "long"}]}'),
    b"GET /health HTTP/1.1\r\nhost: faults\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nhost: faults\r\n\r\n",
    b"GET /nowhere HTTP/1.1\r\nhost: faults\r\n\r\n",
)
_ABORT = struct.pack("ii", 1, 0)  # closing sends a reset


@fault
def growth_by_requests() -> Iterator[Figure]:
    """20 000 requests of all kinds, after a warm-up, to two workers."""
    with running("flowers", "-w", "2") as server:
        _ask(server, WARM_UP)
        yield from _grown(server, lambda: _ask(server, REQUESTS), f"{REQUESTS} requests")


@fault
def growth_by_resets() -> Iterator[Figure]:
    """2 000 clients that reset the connection, anywhere in a request or in its answer."""
    with running("flowers", "-w", "2") as server:
        _ask(server, WARM_UP)
        _reset(server, RESETS // 4)
        yield from _grown(server, lambda: _reset(server, RESETS), f"{RESETS} resets")
        _ask(server, len(KINDS))


def _grown(server: Running, work: Callable[[], None], what: str) -> Iterator[Figure]:
    files, memory = _files(server), own_bytes(server.process)
    work()
    time.sleep(2)  # what was reset is noticed
    yield Figure(
        f"memory of all processes after {what}", (own_bytes(server.process) - memory) / 2**20, MOST, "MiB more"
    )
    yield Figure(f"open files of all processes after {what}", _files(server) - files, 0, "more")


def _ask(server: Running, count: int) -> None:
    """So many requests, a hundred on each connection; of several at a time, so that no worker is left out."""

    def converse(first: int) -> None:
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
            for at in range(first, first + 100):
                connection.sendall(KINDS[at % len(KINDS)])
                _answer(connection)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(converse, range(0, count, 100)))


def _answer(connection: socket.socket) -> None:
    head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(lines[b"content-length"]):
        body += connection.recv(65536)


def _reset(server: Running, count: int) -> None:
    chance = random.Random(7)  # noqa: S311
    for message in islice(cycle(KINDS), count):
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection, suppress(OSError):
            connection.sendall(message[: chance.randint(0, len(message))])
            if chance.random() < 0.5:
                time.sleep(0.001)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)


def _files(server: Running) -> int:
    return sum(len(list(Path(f"/proc/{process}/fd").iterdir())) for process in tree(server.process))
