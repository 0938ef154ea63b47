"""What a body becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LLM_KEYS = frozenset({"messages", "prompt", "input"})


@dataclass(slots=True)
class Payload:
    """Data and params as the model takes them, already held against its signature.

    ``data`` is a Table (or a DataFrame) for columns, an array or a dictionary of arrays for tensors, and what the form
    of the body gives where there is no signature. ``wrapped`` says that the answer goes under ``predictions``.
    """

    data: Any
    params: dict[str, Any] | None = None
    wrapped: bool = True


def is_llm_input(body: Mapping[Any, Any]) -> bool:
    """Whether a body is of the unified form for language models, whose keys are not wrapped in another."""
    return not _LLM_KEYS.isdisjoint(body)
