"""The log of a server: each line is what its format says, whoever wrote it, and a request is found by its id."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.serving.conftest import request
from tests.serving.test_metrics import get, wait_until

if TYPE_CHECKING:
    from tests.serving.conftest import Server, StartServer

TRACE = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
ECHO = b'{"input": "x"}'


def lines(running: Server) -> list[dict[str, Any]]:
    """All whole lines."""
    return [orjson.loads(line) for line in running.log.read_bytes().split(b"\n")[:-1]]


def test_every_line_is_json_whoever_wrote_it(server: StartServer) -> None:
    running = server("talk", workers=2, log_format="json", access_log="on")
    good = request(ECHO, "connection: close", "x-request-id: order-7", TRACE)
    bad = request(b'{"input": "x", "raise": "os"}', "connection: close", "x-request-id: order-8", TRACE)
    running.exchange(good)
    running.exchange(bad)
    for path in ("/health", "/metrics", "/nowhere"):
        get(running, path)
    wait_until(lambda: sum(line["message"] == "request" for line in lines(running)) == 3)
    victim = running.children()[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: any(str(victim) in line["message"] for line in lines(running)))
    assert running.stop() == 0
    told = lines(running)
    assert all({"time", "level", "message", "pid"} <= line.keys() for line in told)
    assert any(line["message"].startswith("Serving ") for line in told)
    requests = {line["request_id"]: line for line in told if line["message"] == "request"}
    assert [line["route"] for line in requests.values()] == ["/invocations", "/invocations", "other"]
    assert requests["order-7"].items() >= {"status": 200, "rows": 1, "trace_id": TRACE[16:48]}.items()
    assert {"duration_ms", "queue_ms", "predict_ms", "batch_rows"} <= requests["order-7"].keys()
    assert requests["order-8"]["status"] == 500
    error = next(line for line in told if line.get("error_code") == "INTERNAL_ERROR")
    assert (error["request_id"], error["trace_id"], error["level"]) == ("order-8", TRACE[16:48], "error")
    assert "OSError" in error["exception"]


@pytest.mark.parametrize(
    ("wanted", "expected"), [("off", []), ("on", ["/invocations"]), ("all", ["/invocations", "/live"])]
)
def test_a_request_is_a_line_where_that_is_asked_for(server: StartServer, wanted: str, expected: list[str]) -> None:
    running = server("talk", access_log=wanted)
    running.post(ECHO)
    get(running, "/live")
    assert running.stop() == 0
    line = re.compile(r"^[-\d:, ]+ INFO request request_id=\w+ route=(\S+) status=200 ", re.MULTILINE)
    assert line.findall(running.log.read_text("utf-8")) == expected
