"""Data for models of Spark ML, and their answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from mlpack.datatypes import Vector

_NUMBERS = {"array<double>", "array<float>", "array<bigint>", "array<int>"}
_TAKES_VECTORS = ("featuresCol", "inputCol", "inputCols")


def stages_of(model: Any) -> Iterator[Any]:
    """A model and all models within it: of a pipeline, and the one that a search found best."""
    yield model
    for part in [*getattr(model, "stages", ()), *filter(None, [getattr(model, "bestModel", None)])]:
        yield from stages_of(part)


def vector_columns(model: Any) -> set[str]:
    """The columns that stages take as input: where lists of numbers come in them, they stand for vectors."""
    found: set[str] = set()
    for stage in stages_of(model):
        for param in _TAKES_VECTORS:
            if stage.hasParam(param) and stage.isDefined(param):
                named = stage.getOrDefault(param)
                found |= {named} if isinstance(named, str) else set(named)
    return found


def predict(
    session: Any, model: Any, data: Any, vectors: Collection[str], to_vector: Callable[[str], Any]
) -> list[Any]:
    """What the model answers for a frame of pandas, row by row; vectors come and go as lists."""
    given = session.createDataFrame(_table(data))
    for name, kind in given.dtypes:
        if name in vectors and kind in _NUMBERS:
            given = given.withColumn(name, to_vector(name))
    answer = model.transform(given)
    column = "prediction" if "prediction" in answer.columns else model.stages[-1].getOutputCol()
    cells = [row[0] for row in answer.select(column).collect()]
    return [Vector(cell.toArray().tolist()) if hasattr(cell, "toArray") else cell for cell in cells]


def _table(frame: Any) -> Any:
    """The columns of a frame in Arrow's memory, which Spark takes three times as fast as the frame.

    NaN stays a number, as it does when Spark takes a frame; a column in which nothing is but None is of text.
    """
    import pyarrow as pa

    def cells(column: Any) -> Any:
        made = pa.array(column.to_numpy() if column.dtype.kind == "f" else column)
        return made.cast(pa.string()) if made.type == pa.null() else made

    return pa.table({name: cells(frame[name]) for name in frame})
