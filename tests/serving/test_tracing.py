"""Traces: six spans for each request that was predicted, in the client's trace; and nothing, if nobody asks."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mlpack_serving.exchange import UNMARKED, Exchange, Run
from mlpack_serving.provenance import Provenance
from mlpack_serving.tracing import Tracing, is_wanted
from tests.serving.conftest import request
from tests.serving.test_metrics import get

if TYPE_CHECKING:
    from tests.serving.conftest import StartServer

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
ROW = b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1.0, 2.0]]}}'
STAGES = ["read", "queue", "predict", "encode", "respond"]


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Span]]:
    """What a real receiver of OTLP over HTTP gets from servers that are started now."""
    spans: list[Span] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                spans.extend(span for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{receiver.server_port}")
        yield spans
        receiver.shutdown()
        thread.join()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_receiver_gets_six_spans_of_each_request_in_the_trace_of_the_client(
    server: StartServer, received: list[Span], workers: int
) -> None:
    running = server("flowers", workers=workers)
    parent = f"traceparent: 00-{TRACE}-{CALLER}-01"
    ways = {"lane": ROW, "app": ROW, "gzip": gzip.compress(ROW)}
    more = {"lane": "accept: */*", "app": "accept: text/html, */*", "gzip": "content-encoding: gzip"}
    for name, body in ways.items():
        running.exchange(request(body, "connection: close", parent, f"x-request-id: {name}", more[name]))
    get(running, "/live")
    assert running.stop() == 0
    assert {span.trace_id.hex() for span in received} == {TRACE}
    requests = {text(span, "mlpack.request_id"): span for span in received if span.name == "/invocations"}
    assert requests.keys() == ways.keys()
    for name, span in requests.items():
        assert (span.parent_span_id.hex(), span.kind) == (CALLER, Span.SPAN_KIND_SERVER)
        stages = [each for each in received if each.parent_span_id == span.span_id]
        expected = STAGES if name != "gzip" else [*STAGES[:2], "decode", *STAGES[2:]]
        assert [each.name for each in stages] == expected
        assert stages[0].start_time_unix_nano == span.start_time_unix_nano
        assert max(each.end_time_unix_nano for each in stages) == span.end_time_unix_nano


def text(span: Span, key: str) -> str:
    return next((each.value.string_value for each in span.attributes if each.key == key), "")


def test_a_request_without_a_trace_begins_one_and_one_that_failed_says_so() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = Tracing(provider, Provenance(name="flowers", version="3", digest="sha256:00", flavor="sklearn"))
    good, bad = Exchange(1, UNMARKED), Exchange(1, UNMARKED)
    good.run = Run(2)
    good.run.begin()
    good.run.end()
    tracing.add(good, "/invocations", 200, 1.0)
    tracing.add(bad, "/invocations", 500, 1.0)
    tracing.add(bad, "/health", 200, 1.0)
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == [*STAGES, "/invocations", "read", "/invocations"]
    assert len({span.context.trace_id for span in spans if span.context}) == 2
    assert [span.status.is_ok for span in spans if span.name == "/invocations"] == [True, False]
    tracing.close()


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a"}, False),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_the_variables_of_opentelemetry_decide(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], wanted: bool
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_wanted() == wanted


def test_nothing_of_it_is_imported_when_it_is_not_asked_for() -> None:
    code = "import sys, mlpack_serving.app as app; assert app.start_tracing(None) is None; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not [name for name in ran.stdout.split() if name.startswith("opentelemetry")]


def test_a_server_ends_in_time_when_nobody_takes_its_spans(
    server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    running = server("flowers")
    assert running.post(ROW)[0] == 200
    assert running.stop() == 0
