"""Clients that send their request slowly, or never all of it."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks.faults.rows import Figure, fault
from benchmarks.faults.servers import running

HEAD = b"POST /invocations HTTP/1.1\r\nhost: faults\r\n"
BODY = HEAD + b"content-length: 100000\r\n\r\n"
#: What the timers of a busy machine may be late, in seconds.
LATE = 0.5


@fault
def slow_clients() -> Iterator[Figure]:
    """A header and a body of which a byte comes each second, and clients that fall silent in one."""
    kinds: dict[str, tuple[bytes, bytes, float]] = {
        "a slow header": (HEAD, b"x", 10),
        "a header that stops": (HEAD, b"", 10),
        "no byte at all": (b"", b"", 10),
        "a slow body": (BODY, b"x", 30),
        "a body that stops": (BODY, b"", 30),
    }
    with running("flowers") as server, ThreadPoolExecutor(len(kinds)) as pool:
        lives = {name: pool.submit(_seconds, server.port, first, drip) for name, (first, drip, _) in kinds.items()}
        for name, life in lives.items():
            seconds, after = life.result(), kinds[name][2]
            yield Figure(f"{name} is cut after", seconds if seconds > after - LATE else math.inf, after + LATE, "s")


def _seconds(port: int, first: bytes, drip: bytes) -> float:
    """How long a connection lives on which this is sent, and then so much each second."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        began = time.monotonic()
        connection.sendall(first)
        while time.monotonic() - began < 120:
            try:
                connection.sendall(drip)
                if not connection.recv(65536):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        return time.monotonic() - began
