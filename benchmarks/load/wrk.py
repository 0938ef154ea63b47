"""Load from ``wrk``: so many connections, each of which sends the next request when it has the answer to the last."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.protocols import Request
from benchmarks.processes import cpu_seconds
from tests.interop.servers import Server

#: No request is given up before this, however long the queue.
PATIENCE = 60


@dataclass(frozen=True)
class Window:
    """What was seen in some seconds: requests a second, seconds of latency, the server's CPU seconds a request."""

    rate: float
    p50: float
    p99: float
    cpu: float
    errors: int


def drive(server: Server, request: Request, body: Path, connections: int, seconds: float) -> Window:
    """Send ``request``, whose body is in the file ``body``, for so long.

    One thread of ``wrk`` is enough, and leaves a processor to the server. Its seconds are whole ones.
    """
    script = Path(__file__).with_suffix(".lua")
    headers = [part for header in request.headers.items() for part in header]
    options = [
        "-t",
        "1",
        "-c",
        str(connections),
        "-d",
        f"{seconds:.0f}s",
        "--timeout",
        f"{PATIENCE}s",
        "-s",
        str(script),
    ]
    command = ["wrk", *options, f"http://127.0.0.1:{server.port}{request.path}", "--", str(body), *headers]
    used = cpu_seconds(server.process)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    used = cpu_seconds(server.process) - used
    seen = json.loads(done.stdout.splitlines()[-1])
    good = max(seen["requests"], 1)
    rate = seen["requests"] / seen["microseconds"] * 1e6
    return Window(rate, seen["p50"] / 1e6, seen["p99"] / 1e6, used / good, seen["errors"])
