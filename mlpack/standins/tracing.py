"""Stands in for MLflow's tracing and for the settings of its tracking: a model that is served here is not traced.

What is called for its effect on traces and runs alone does nothing; nothing here changes what a model answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class SpanType:
    """Names of kinds of spans; ``mlflow.entities.SpanType``."""

    AGENT = "AGENT"
    CHAIN = "CHAIN"
    CHAT_MODEL = "CHAT_MODEL"
    EMBEDDING = "EMBEDDING"
    LLM = "LLM"
    MEMORY = "MEMORY"
    PARSER = "PARSER"
    RERANKER = "RERANKER"
    RETRIEVER = "RETRIEVER"
    TOOL = "TOOL"
    UNKNOWN = "UNKNOWN"


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Take anything and do nothing."""


class Span:
    """A span that nobody records."""

    set_inputs = set_outputs = set_attribute = set_attributes = set_status = add_event = end = staticmethod(_nothing)


@contextmanager
def start_span(*args: Any, **kwargs: Any) -> Iterator[Span]:
    """A span around a block."""
    yield Span()


def trace(function: Callable[..., Any] | None = None, **kwargs: Any) -> Callable[..., Any]:
    """The function itself; works with and without arguments, as the decorator does."""
    return function if function is not None else lambda function: function


autolog = get_current_active_span = update_current_trace = _nothing
set_experiment = set_registry_uri = set_tracking_uri = _nothing
