"""What is measured on both sides, and the table that says whether bars are reached."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from benchmarks.libraries import MLFLOW_RELEASE

HEAD = f"| what | MLflow {MLFLOW_RELEASE} | mlpack | ratio | bar | reached |\n|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Measurement:
    """One line of the table: figures of both sides, in ``unit``, and how large ``ratio`` may or must be."""

    what: str
    unit: str
    mlflow: float
    mlpack: float
    bar: float
    more_is_better: bool = False

    @classmethod
    def of(cls, what: str, unit: str, runs: dict[str, list[float]], bar: float) -> Measurement:
        """The medians of several runs of each library, of which less is better."""
        return cls(what, unit, median(runs["mlflow"]), median(runs["mlpack"]), bar)

    @property
    def ratio(self) -> float:
        """mlpack's figure over MLflow's."""
        return share(self.mlpack, self.mlflow)

    @property
    def reached(self) -> bool:
        """Whether the ratio is on the right side of its bar."""
        return self.ratio >= self.bar if self.more_is_better else self.ratio <= self.bar

    def line(self) -> str:
        """One row of the table for people, which is Markdown."""
        sign = "at least" if self.more_is_better else "at most"
        figures = f"{self.mlflow:.4g} {self.unit} | {self.mlpack:.3g} {self.unit} | {spelled(self.ratio)}"
        return f"| {self.what} | {figures} | {sign} {spelled(self.bar)} | {'yes' if self.reached else 'NO'} |"

    def facts(self) -> dict[str, Any]:
        """The same for programs."""
        return {**asdict(self), "ratio": self.ratio, "reached": self.reached}


def share(figure: float, other: float) -> float:
    """One figure over another, which may be nothing."""
    return figure / other if other else math.inf


def spelled(ratio: float) -> str:
    """A ratio as people say it: 1/15, not 0.067."""
    return f"{ratio:.3g}" if ratio == 0 or ratio > 0.67 else f"1/{1 / ratio:.3g}"
