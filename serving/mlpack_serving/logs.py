"""The log of a server: lines of text or of JSON on stderr, and on demand one for each request."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import orjson

from mlpack_serving.exchange import Exchange

#: What probes and scrapers ask: with ``--access-log on`` there is no line for it while all is well.
QUIET = frozenset({"/live", "/ping", "/health", "/ready", "/version", "/metrics"})
#: Whole lines of so many bytes are written at once, which a pipe takes from several workers without mixing (PIPE_BUF).
_PIECE = 4096
_TEXT = "%(asctime)s %(levelname)s %(message)s"


class JsonLines(logging.Formatter):
    """A record as one line of JSON; what its ``told`` holds stands beside its message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "time": _stamp(record.created),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
            "pid": record.process,
            **getattr(record, "told", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def configure(log_format: str) -> None:
    """Have everything that is logged go to stderr, as ``text`` or ``json``."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if log_format == "json" else logging.Formatter(_TEXT))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    logging.captureWarnings(log_format == "json")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


class AccessLog:
    """A line for each request. Those of one turn of the event loop are written together, past :mod:`logging`: a record
    and a call of the system for each would cost as much as the request itself."""

    def __init__(self, routes: Sequence[str], log_format: str, *, everything: bool) -> None:
        self._routes = routes
        self._lines = _json_lines if log_format == "json" else _text_lines
        self._quiet = frozenset() if everything else QUIET
        self._told: list[dict[str, Any]] = []

    def add(self, exchange: Exchange, code: int, seconds: float) -> None:
        """Tell of a request that was answered."""
        route = self._routes[exchange.route]
        if route in self._quiet and code < 400:
            return
        if not self._told:
            asyncio.get_running_loop().call_soon(self._flush)
        self._told.append(_told(exchange, route, code, seconds))

    def _flush(self) -> None:
        requests, self._told = self._told, []
        now, piece = time.time(), b""
        for line in self._lines(requests, now):
            if piece and len(piece) + len(line) > _PIECE:
                _write(piece)
                piece = b""
            piece += line
        _write(piece)


def _told(exchange: Exchange, route: str, code: int, seconds: float) -> dict[str, Any]:
    told: dict[str, Any] = {"request_id": exchange.request_id.decode(), "route": route, "status": code}
    told["rows"] = exchange.rows
    told["duration_ms"] = round(seconds * 1000, 3)
    if run := exchange.run:
        told["queue_ms"] = round((run.began - exchange.queued) * 1000, 3)
        told["predict_ms"] = round((run.predicted - run.read) * 1000, 3)
        told["batch_rows"] = run.rows
    if trace_id := exchange.marks.trace_id:
        told["trace_id"] = trace_id
    return told


def _json_lines(requests: Sequence[Mapping[str, Any]], now: float) -> Iterator[bytes]:
    every = {"time": _stamp(now), "level": "info", "message": "request", "pid": os.getpid()}
    for told in requests:
        yield orjson.dumps({**every, **told}, option=orjson.OPT_APPEND_NEWLINE)


def _text_lines(requests: Sequence[Mapping[str, Any]], now: float) -> Iterator[bytes]:
    every = f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(now))},{now % 1 * 1000:03.0f} INFO request"
    for told in requests:
        yield " ".join([every, *(f"{name}={value}" for name, value in told.items())]).encode() + b"\n"


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _write(data: bytes) -> None:
    sys.stderr.buffer.write(data)
    sys.stderr.buffer.flush()
