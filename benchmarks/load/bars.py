"""What mlpack has to reach against MLflow with one worker in the same run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks.load.rounds import CROWD, Figures
from benchmarks.measurements import Measurement

#: The figures of a run by the names of model and server.
Found = Mapping[tuple[str, str], Figures]


@dataclass(frozen=True)
class Bar:
    """How large mlpack's figure may or must be, as a share of the other's."""

    what: str
    unit: str
    model: str
    figure: Callable[[Figures], float]
    bar: float
    more_is_better: bool = False
    server: str = "mlpack"
    other: str = "mlflow"

    def measured(self, found: Found) -> Measurement | None:
        """Both figures, or None where one of the two servers was left out."""
        ours, theirs = found.get((self.model, self.server)), found.get((self.model, self.other))
        if ours is None or theirs is None:
            return None
        figures = self.figure(theirs), self.figure(ours)
        return Measurement(self.what, self.unit, *figures, self.bar, self.more_is_better)


def _rate(connections: int, rows: int = 1) -> Callable[[Figures], float]:
    return lambda figures: figures.at(connections).rate * rows


def _p50(figures: Figures) -> float:
    return figures.at(1).p50 * 1e3


def _cpu(connections: int) -> Callable[[Figures], float]:
    return lambda figures: figures.at(connections).cpu * 1e6


def _crowd(figures: Figures) -> float:
    """With an error there is no such latency."""
    seen = figures.at(CROWD)
    return math.inf if figures.server == "mlpack" and seen.errors else seen.p99 * 1e3


ROWS = 10_000

BARS = (
    Bar("one row, 64 connections: requests", "/s", "iris", _rate(64), 80, True),
    Bar("one row, 1 connection: p50", "ms", "iris", _p50, 1 / 15),
    Bar("one row, 16 connections: CPU per request", "us", "iris", _cpu(16), 1 / 50),
    Bar("forest of 100 trees, 64 connections: requests", "/s", "forest", _rate(64), 30, True),
    Bar("pipeline on mixed columns, 64 connections: requests", "/s", "mixed", _rate(64), 35, True),
    Bar("10 000 x 20 as JSON, 4 connections: rows", "/s", "big", _rate(4, ROWS), 6, True, "mlpack-speed"),
    Bar(
        "10 000 x 20 as Arrow against JSON, 4 connections: rows", "/s", "big", _rate(4, ROWS), 20, True, "mlpack-arrow"
    ),
    Bar("one row, 512 connections, no error: p99", "ms", "iris", _crowd, 1 / 20),
    Bar("mlpack's batching off against on, 1 connection: p50", "ms", "iris", _p50, 1.05, other="mlpack-single"),
    Bar("start to first answer", "s", "iris", lambda figures: figures.start, 1 / 3),
    Bar("one row, 1 connection: CPU per request", "us", "iris", _cpu(1), 1 / 2.2),
    Bar("start to first answer, CPU", "s", "iris", lambda figures: figures.start_cpu, 1 / 2),
    Bar("memory (PSS of all processes)", "MB", "iris", lambda figures: figures.memory / 1e6, 1 / 2),
)


def bars(found: Found) -> Iterator[Measurement]:
    """All that can be said of what was measured."""
    yield from (measured for bar in BARS if (measured := bar.measured(found)))
