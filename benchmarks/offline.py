"""What a library costs before anything is served: importing it, and saving a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.libraries import Library
from benchmarks.measurements import Measurement

Runs = dict[str, list[float]]


def importing(sides: tuple[Library, Library], repeat: int) -> Iterator[Measurement]:
    """``import mlflow`` against ``import mlpack`` in a fresh interpreter, whose own start is not counted."""
    cpu, wall = _by_turns(sides, "importing.py", repeat, lambda name, turn: ())
    yield Measurement.of("import, CPU", "s", cpu, 1 / 20)
    yield Measurement.of("import, wall clock", "s", wall, 1 / 20)


def saving(sides: tuple[Library, Library], repeat: int, folder: Path) -> Iterator[Measurement]:
    """``save_model`` of a fitted LogisticRegression with example and signature; requirements are inferred."""
    cpu, wall = _by_turns(sides, "saving.py", repeat, lambda name, turn: (str(folder / f"{name}-{turn}"),))
    yield Measurement.of("save_model, CPU", "s", cpu, 1 / 10)
    yield Measurement.of("save_model, wall clock", "s", wall, 1 / 10)


def _by_turns(
    sides: tuple[Library, Library], script: str, repeat: int, arguments: Callable[[str, int], tuple[str, ...]]
) -> tuple[Runs, Runs]:
    """CPU and wall seconds that the script prints, of ``repeat`` runs of each side after one that warms caches."""
    cpu: Runs = {side.name: [] for side in sides}
    wall: Runs = {side.name: [] for side in sides}
    for turn in range(repeat + 1):
        for side in sides:
            used = side.run(script, *arguments(side.name, turn))
            if turn:
                cpu[side.name].append(used["cpu"])
                wall[side.name].append(used["wall"])
    return cpu, wall
