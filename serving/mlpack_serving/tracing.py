"""Spans of requests for OpenTelemetry, where its own variables ask for them; nothing of it is imported otherwise.

A request is a span of its own, and so are its stages: read, queue, decode (where a thread does that), predict, encode,
respond. They are made when the request has been answered, from the times that were taken on its way, so a request that
is not traced costs nothing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlpack_serving.exchange import TRACEPARENT, TRACESTATE, Exchange
from mlpack_serving.logs import QUIET
from mlpack_serving.provenance import Provenance

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

logger = logging.getLogger("mlpack_serving")

#: Either says where spans are to go.
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SERVER_FAULT = 500
#: How long the end of a server waits for spans to be taken.
_CLOSING_SECONDS = 2.0


def is_wanted() -> bool:
    """Whether the environment asks for traces: an OTLP endpoint, or another exporter in OTEL_TRACES_EXPORTER."""
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    exporter = os.environ.get("OTEL_TRACES_EXPORTER", "")
    return exporter != "none" and bool(exporter or any(map(os.environ.get, _ENDPOINTS)))


def start_tracing(model: Provenance) -> Tracing | None:
    """What traces requests in this process, to be called after the fork, or None where nobody wants that or can."""
    if not is_wanted():
        return None
    try:
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        exporter = _exporter()
    except ImportError as error:
        logger.warning("there are no traces, since %s; pip install 'mlpack-models[otel]'", error)
        return None
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Tracing(provider, model)


class Tracing:
    """Makes the spans of requests with the tracers of ``provider``."""

    def __init__(self, provider: TracerProvider, model: Provenance) -> None:
        from opentelemetry import propagate, trace

        self._provider = provider
        self._tracer = provider.get_tracer("mlpack_serving")
        self._extract, self._within = propagate.extract, trace.set_span_in_context
        self._server, self._error = trace.SpanKind.SERVER, trace.Status(trace.StatusCode.ERROR)
        self._model = {"mlpack.model.name": model.name, "mlpack.model.version": model.version}

    def add(self, exchange: Exchange, route: str, code: int, seconds: float) -> None:
        """Tell of a request that was answered; not of probes and scrapers, while all is well."""
        if route in QUIET and code < 400:
            return
        marks = {TRACEPARENT: exchange.marks.traceparent, TRACESTATE: exchange.marks.tracestate}
        carrier = {name.decode(): value.decode("latin-1") for name, value in marks.items() if value}
        zero = time.time() - time.perf_counter()  # when perf_counter was 0
        began, ended = exchange.began, exchange.began + seconds
        told: dict[str, str | int] = {"http.route": route, "http.response.status_code": code}
        told |= {"mlpack.request_id": exchange.request_id.decode(), "mlpack.rows": exchange.rows, **self._model}
        start = _nanoseconds(zero + began)
        span = self._tracer.start_span(route, self._extract(carrier), self._server, told, start_time=start)
        if code >= _SERVER_FAULT:
            span.set_status(self._error)
        inside = self._within(span)
        for name, first, last in _stages(exchange, ended):
            stage = self._tracer.start_span(name, inside, start_time=_nanoseconds(zero + first))
            stage.end(_nanoseconds(zero + last))
        span.end(_nanoseconds(zero + ended))

    def close(self) -> None:
        """Send what has not been sent, unless nobody takes it in time."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_CLOSING_SECONDS)


def _stages(exchange: Exchange, ended: float) -> Iterator[tuple[str, float, float]]:
    """Name, begin and end of what was done for a request."""
    run = exchange.run
    yield "read", exchange.began, exchange.queued if run else ended
    if run is None:
        return
    yield "queue", exchange.queued, run.began
    if run.read > run.began:
        yield "decode", run.began, run.read
    yield "predict", run.read, run.predicted
    yield "encode", run.predicted, run.ended
    yield "respond", run.ended, ended


def _exporter() -> SpanExporter:
    """The first exporter of OTEL_TRACES_EXPORTER (default ``otlp``), found as OpenTelemetry's own tools find it."""
    from importlib.metadata import entry_points

    name = os.environ.get("OTEL_TRACES_EXPORTER", "").split(",")[0].strip() or "otlp"
    if name == "otlp":
        protocol = next(filter(None, map(os.environ.get, _PROTOCOLS)), "http/protobuf")
        name = "otlp_proto_grpc" if protocol == "grpc" else "otlp_proto_http"
    for found in entry_points(group="opentelemetry_traces_exporter", name=name):
        exporter: SpanExporter = found.load()()
        return exporter
    raise ImportError(f"there is no exporter of the name {name}")


def _resource() -> Resource:
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource

    named = "OTEL_SERVICE_NAME" in os.environ or "service.name" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return Resource.create({} if named else {SERVICE_NAME: "mlpack"})


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
