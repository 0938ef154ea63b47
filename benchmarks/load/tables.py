"""The figures of a model for people, in Markdown.

What each server took, and its ratio to MLflow with one worker: to the first server, where that was left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from benchmarks.load.contenders import Contender
from benchmarks.load.models import Model
from benchmarks.load.rounds import Figures
from benchmarks.measurements import share, spelled

BASE = "mlflow"


def table(model: Model, figures: list[Figures], contenders: Mapping[str, Contender]) -> Iterator[str]:
    """Two tables of one model: starts and memory, then load."""
    base = next((each for each in figures if each.server == BASE), figures[0])
    yield f"\n### {model.title}\n"
    yield "| server | start to first answer, s | CPU of it, s | memory, MB |\n|---|---|---|---|"
    for each in figures:
        yield f"| {contenders[each.server].title} | {' | '.join(_cells(_idle(each), _idle(base)))} |"
    yield (
        "\n| connections | server | requests/s | p50, ms | p99, ms | CPU a request, us | errors |\n" + "|---" * 7 + "|"
    )
    for connections in sorted({count for each in figures for count in each.windows}):
        for each in figures:
            if connections in each.windows:
                cells = _cells(_load(each, connections), _load(base, connections))
                errors = each.at(connections).errors
                yield f"| {connections} | {contenders[each.server].title} | {' | '.join(cells)} | {errors} |"


def _idle(figures: Figures) -> tuple[float, ...]:
    return figures.start, figures.start_cpu, figures.memory / 1e6


def _load(figures: Figures, connections: int) -> tuple[float, ...]:
    seen = figures.at(connections)
    return seen.rate, seen.p50 * 1e3, seen.p99 * 1e3, seen.cpu * 1e6


def _cells(own: tuple[float, ...], base: tuple[float, ...]) -> list[str]:
    """Figures, each with its ratio to the other's."""
    if own == base:
        return [_number(figure) for figure in own]
    return [f"{_number(figure)} ({spelled(share(figure, other))})" for figure, other in zip(own, base, strict=True)]


def _number(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"
