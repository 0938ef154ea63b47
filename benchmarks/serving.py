"""What serving one model costs: the start, the memory, and each request."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.libraries import Library, Measurement
from benchmarks.processes import cpu_seconds, memory_bytes
from tests.interop.servers import Server, served

ROW = [5.1, 3.5, 1.4, 0.2]
NAMES = [f"{part} {side} (cm)" for part in ("sepal", "petal") for side in ("length", "width")]
BODY = json.dumps({"dataframe_split": {"columns": NAMES, "data": [ROW]}})
HEADERS = {"Content-Type": "application/json"}


def serving(sides: tuple[Library, Library], package: Path, repeat: int, window: float) -> Iterator[Measurement]:
    """Both serve the same package with one worker; windows of ``window`` seconds alternate between them."""
    starts, memory, rates = ({side.name: list[float]() for side in sides} for _ in range(3))
    for _ in range(repeat):
        with ExitStack() as stack:
            servers = {}
            for side in sides:
                log = package.parent / f"{side.name}.log"
                server = stack.enter_context(served(side.python, side.name, package, log))
                with server.connect() as connection:
                    answer(connection)
                starts[side.name].append(cpu_seconds(server.process))
                servers[side.name] = server
            require_equal_answers(servers.values())
            for _ in range(repeat):
                for name, server in servers.items():
                    rates[name].append(requests_per_cpu_second(server, window))
            for name, server in servers.items():
                memory[name].append(memory_bytes(server.process) / 1e6)
    yield Measurement.of("start to first answer, CPU", "s", starts, 1 / 2)
    yield Measurement.of("memory (PSS), one worker", "MB", memory, 1 / 2)
    yield Measurement.of("requests per CPU second, one row", "/s", rates, 2.2, more_is_better=True)


def answer(connection: http.client.HTTPConnection) -> bytes:
    """The body of one prediction."""
    connection.request("POST", "/invocations", BODY, HEADERS)
    reply = connection.getresponse()
    body = reply.read()
    assert reply.status == http.HTTPStatus.OK, body
    return body


def require_equal_answers(servers: Iterable[Server]) -> None:
    """A faster answer that differs would be a wrong answer."""
    answers = []
    for server in servers:
        with server.connect() as connection:
            answers.append(json.loads(answer(connection)))
    assert answers[0] == answers[1], answers


def requests_per_cpu_second(server: Server, window: float) -> float:
    """One client on one connection, request after request; the CPU seconds are those of all the server's processes."""
    with server.connect() as connection:
        for _ in range(50):
            answer(connection)
        count, used, until = 0, cpu_seconds(server.process), time.monotonic() + window
        while time.monotonic() < until:
            answer(connection)
            count += 1
        return count / (cpu_seconds(server.process) - used)
