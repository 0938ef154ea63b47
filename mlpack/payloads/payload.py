"""What a body becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Payload:
    """Data and params as the model takes them, already held against its signature.

    ``data`` is a Table (or a DataFrame) for columns, an array or a dictionary of arrays for tensors, and what the form
    of the body gives where there is no signature. ``wrapped`` says that the answer goes under ``predictions``.
    """

    data: Any
    params: dict[str, Any] = field(default_factory=dict)
    wrapped: bool = True
