"""Rounds of load: all servers of a model run side by side, and each is driven while the others have nothing to do."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.load.contenders import Contender
from benchmarks.load.models import Model
from benchmarks.load.protocols import Request
from benchmarks.load.wrk import Window, drive
from benchmarks.processes import cpu_seconds, memory_bytes
from tests.interop.servers import Server

#: With so many connections only these servers are driven, for the model of the headline, and for so long at least:
#: a slow server has to answer each of them more than once.
CROWD = 512
CROWDED = ("mlflow", "mlpack")
CROWD_SECONDS = 10
WARM_UP = 1
#: A server has nothing to do when it used less than this of a processor over a moment.
IDLE, MOMENT, PATIENCE = 0.05, 0.2, 60


@dataclass
class Figures:
    """What one server took for one model: seconds to the first answer, by the clock and of CPU, memory, and load."""

    model: str
    server: str
    start: float
    start_cpu: float
    memory: float = 0
    windows: dict[int, list[Window]] = field(default_factory=dict)

    def at(self, connections: int) -> Window:
        """The medians of the rounds with so many connections, and all their errors."""
        seen = self.windows[connections]
        rate, p50, p99, cpu = (median(getattr(each, name) for each in seen) for name in ("rate", "p50", "p99", "cpu"))
        return Window(rate, p50, p99, cpu, sum(each.errors for each in seen))


@dataclass(frozen=True)
class _Running:
    """A server with the request that it is asked, whose body is in a file."""

    server: Server
    request: Request
    body: Path
    figures: Figures

    def drive(self, connections: int, seconds: float) -> None:
        """Keep what was seen in a window, once the server is idle again."""
        window = drive(self.server, self.request, self.body, connections, seconds)
        self.figures.windows.setdefault(connections, []).append(window)
        _wait_until_idle(self.server)


def measure(
    model: Model, contenders: Mapping[Contender, Path], folder: Path, rounds: int, seconds: float
) -> list[Figures]:
    """The figures of every contender, each of which is started with the Python that it is mapped to."""
    package = model.save(folder)
    with ExitStack() as stack:
        running = [_started(stack, model, contender, python, package) for contender, python in contenders.items()]
        _require_equal_answers(model, contenders, running)
        for each in running:
            drive(each.server, each.request, each.body, max(model.connections), WARM_UP)
            _wait_until_idle(each.server)
        for _ in range(rounds):
            for connections in model.connections:
                for each in running:
                    each.drive(connections, seconds * model.longer)
            for each in _crowded(model, running):
                each.drive(CROWD, max(seconds, CROWD_SECONDS))
        for each in running:
            each.figures.memory = memory_bytes(each.server.process)
    return [each.figures for each in running]


def warm_up(model: Model, contenders: Mapping[Contender, Path], folder: Path) -> None:
    """Start each server once: an environment that was just made is not in the machine's memory yet, as others are."""
    package = model.save(folder / "warm")
    for contender, python in contenders.items():
        with ExitStack() as stack:
            _started(stack, model, contender, python, package)


def _started(stack: ExitStack, model: Model, contender: Contender, python: Path, package: Path) -> _Running:
    request = contender.protocol(model.asked)
    body = package.parent / f"{model.name}-{contender.name}.body"
    body.write_bytes(request.body)
    start = time.monotonic()
    server = stack.enter_context(contender.serving(python, package, body.with_suffix(".log")))
    with server.connect() as connection:
        request.ask(connection)
    took = time.monotonic() - start
    return _Running(server, request, body, Figures(model.name, contender.name, took, cpu_seconds(server.process)))


def _require_equal_answers(model: Model, contenders: Iterable[Contender], running: list[_Running]) -> None:
    """A faster answer that differs would be a wrong answer."""
    answers: dict[str, list[Any]] = {}
    for contender, each in zip(contenders, running, strict=True):
        with each.server.connect() as connection:
            answers[contender.name] = contender.protocol(model.compared).ask(connection)
    first = next(iter(answers.values()))
    assert len(first) == len(model.compared)
    assert all(answer == first for answer in answers.values()), {name: each[:10] for name, each in answers.items()}


def _crowded(model: Model, running: list[_Running]) -> Iterator[_Running]:
    if model.name == "iris":
        yield from (each for each in running if each.figures.server in CROWDED)


def _wait_until_idle(server: Server) -> None:
    """What was on its way when a window ended must not burden the next server's."""
    until = time.monotonic() + PATIENCE
    used = cpu_seconds(server.process)
    while time.monotonic() < until:
        time.sleep(MOMENT)
        before, used = used, cpu_seconds(server.process)
        if used - before < IDLE * MOMENT * 1.01:
            return
