"""The faults that there are, and the figures that they give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

HEAD = "| fault | what | figure | bar | reached |\n|---|---|---|---|---|"


@dataclass(frozen=True)
class Figure:
    """What was counted or measured, in ``unit``, and the most that it may be."""

    what: str
    value: float
    bar: float
    unit: str = ""

    @property
    def reached(self) -> bool:
        """Whether it is no more than it may be."""
        return self.value <= self.bar

    def line(self, name: str) -> str:
        """One row of the table for people, which is Markdown."""
        value, bar = (f"{number:.4g} {self.unit}".rstrip() for number in (self.value, self.bar))
        return f"| {name} | {self.what} | {value} | at most {bar} | {'yes' if self.reached else 'NO'} |"

    def facts(self, name: str) -> dict[str, Any]:
        """The same for programs."""
        return {"fault": name, **asdict(self), "reached": self.reached}


Fault = Callable[[], Iterator[Figure]]

#: By the name that the command line takes, in the order of the table.
FAULTS: dict[str, Fault] = {}


def fault(function: Fault) -> Fault:
    """Register a fault under the name of its function, with hyphens; its docstring says what is done."""
    FAULTS[function.__name__.replace("_", "-")] = function
    return function
