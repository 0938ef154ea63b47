"""/metrics counts what was answered, by whichever worker, also by one that died; and every answer says who gave it."""

from __future__ import annotations

import gzip
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mlpack.digest import package_digest
from mlpack.manifest import Model
from mlpack_serving.exchange import UNMARKED, Exchange
from mlpack_serving.exposition import METRICS
from mlpack_serving.metrics import Metrics
from tests.serving.conftest import request

if TYPE_CHECKING:
    from tests.serving.conftest import Client, Package, Server, StartServer

ROW = b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1.0, 2.0], [7.0, 8.0]]}}'
BAD = b'{"dataframe_split": {"columns": ["length"], "data": [[1.0]]}}'
ECHO = b'{"input": "x"}'
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def get(running: Server, path: str, method: str = "GET") -> tuple[bytes, bytes]:
    """Head and body of an answer."""
    asked = f"{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".encode()
    head, _, body = running.exchange(asked).partition(b"\r\n\r\n")
    return head, body


def scraped(running: Server) -> Samples:
    """Every sample by its name and labels, as Prometheus reads it."""
    families = text_string_to_metric_families(get(running, "/metrics")[1].decode())
    return {
        (each.name, tuple(sorted(each.labels.items()))): each.value for family in families for each in family.samples
    }


def answered(samples: Samples, code: int, route: str = "/invocations") -> float:
    return samples.get(("mlpack_requests_total", (("code", str(code)), ("route", route))), 0)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def headers(answer: bytes) -> dict[str, str]:
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines)


@pytest.fixture(scope="module")
def flowers(shared_server: StartServer) -> Server:
    """One server for the tests that do not mind each other."""
    return shared_server("flowers", model_name="Blumen, früh", model_version="3")


def test_two_workers_count_every_request_also_when_one_was_killed(server: StartServer) -> None:
    running = server("flowers", workers=2)
    ask(running, 200)
    assert_all_counted(running, 200)
    victim = running.children()[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(running.children()) == 2 and victim not in running.children())
    assert_all_counted(running, 200)
    ask(running, 200)
    assert_all_counted(running, 400)
    samples = scraped(running)
    assert (samples["mlpack_worker_restarts_total", ()], samples["mlpack_workers", ()]) == (1, 2)


def ask(running: Server, times: int) -> None:
    clients = [threading.Thread(target=lambda: [running.post(ROW) for _ in range(times // 4)]) for _ in range(4)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()


def assert_all_counted(running: Server, expected: int) -> None:
    samples = scraped(running)
    assert answered(samples, 200) == expected
    assert samples["mlpack_request_duration_seconds_count", (("code", "200"), ("route", "/invocations"))] == expected
    assert samples["mlpack_queue_wait_seconds_count", ()] == expected
    assert samples["mlpack_batch_rows_sum", ()] == 2 * expected
    assert samples["mlpack_requests_in_flight", ()] == 1  # the one that asks


def test_each_way_through_the_server_is_counted_by_its_status(server: StartServer) -> None:
    running = server("flowers")
    for body, more in (
        (ROW, []),
        (ROW, ["accept: text/html, */*"]),
        (gzip.compress(ROW), ["content-encoding: gzip"]),
        (BAD, []),
        (BAD, ["accept: text/html, */*"]),
        (ROW, ["content-type: text/html"]),
    ):
        running.post(body, *more)
    running.exchange(b"nonsense\r\n\r\n")
    get(running, "/nowhere")
    get(running, "/live", "HEAD")
    samples = scraped(running)
    assert {code: answered(samples, code) for code in (200, 400, 415)} == {200: 3, 400: 2, 415: 1}
    assert (answered(samples, 400, "other"), answered(samples, 404, "other"), answered(samples, 200, "/live")) == (
        1,
        1,
        1,
    )
    assert (
        samples["mlpack_queue_wait_seconds_count", ()] == samples["mlpack_prediction_duration_seconds_count", ()] == 3
    )


def test_what_waits_and_who_leaves_is_counted(server: StartServer, tmp_path: Path) -> None:
    running = server("gated")
    with running.connect() as first, running.connect() as second:
        first.sendall(request(orjson.dumps({"input": "x", "gate": str(tmp_path)})))
        wait_until((tmp_path / "waits").exists)
        second.sendall(request(ECHO))
        wait_until(lambda: scraped(running)["mlpack_queue_depth", ()] == 1)
        assert scraped(running)["mlpack_requests_in_flight", ()] == 3
    wait_until(lambda: answered(scraped(running), 499) == 2)
    assert scraped(running)["mlpack_queue_depth", ()] == 0
    assert scraped(running)["mlpack_requests_in_flight", ()] == 1
    (tmp_path / "open").touch()


def test_metrics_are_named_explained_and_complete(flowers: Server) -> None:
    flowers.post(ROW)
    head, body = get(flowers, "/metrics")
    assert b"content-type: text/plain; version=0.0.4; charset=utf-8" in head
    families = {family.name: family for family in text_string_to_metric_families(body.decode())}
    assert {name.removesuffix("_total"): kind for name, (kind, _) in METRICS.items()} == {
        name: family.type for name, family in families.items()
    }
    assert all(family.documentation and family.samples for family in families.values())
    head, body = get(flowers, "/metrics", "HEAD")
    assert (head.split()[1], body) == (b"200", b"")


@pytest.mark.parametrize("more", [[], ["accept: text/html, */*"]], ids=["lane", "application"])
@pytest.mark.parametrize("body", [ROW, BAD], ids=["good", "bad"])
def test_every_answer_of_a_prediction_says_who_gave_it(
    flowers: Server, package: Package, body: bytes, more: list[str]
) -> None:
    answer = flowers.exchange(request(body, "connection: close", "x-request-id: order-7", *more))
    told = headers(answer)
    folder = package("flowers")
    assert told["x-mlpack-model"] == "Blumen, fr%C3%BCh"
    assert told["x-mlpack-version"] == "3"
    assert told["x-mlpack-digest"] == package_digest(folder, Model.load(folder))
    assert told["x-request-id"] == "order-7"
    assert ("server-timing" in told) == (body == ROW)
    info = [dict(labels) for name, labels in scraped(flowers) if name == "mlpack_model_info"]
    assert [(each["name"], each["version"], each["flavor"]) for each in info] == [("Blumen, früh", "3", "sklearn")]


def test_every_answer_has_an_id_of_its_own(flowers: Server) -> None:
    asked = [
        request(ROW, "connection: close"),
        request(ROW, "connection: close", "x-request-id: a b"),
        b"nonsense\r\n\r\n",
    ]
    asked += [b"GET %b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n" % path for path in (b"/live", b"/nowhere")]
    ids = {headers(flowers.exchange(each))["x-request-id"] for each in asked}
    assert len(ids) == len(asked)
    assert all(len(each) == 16 for each in ids)


def test_a_second_path_for_predictions_counts_as_the_first(client: Client) -> None:
    asking = client("flowers", predict_route="/predict", health_route="/healthz")
    assert (
        "x-mlpack-digest" in asking.post("/predict", content=ROW, headers={"content-type": "application/json"}).headers
    )
    asking.get("/healthz")
    text = asking.get("/metrics").text
    assert 'mlpack_requests_total{route="/invocations",code="200"} 1\n' in text
    assert 'mlpack_requests_total{route="/health",code="200"} 1\n' in text


def test_a_block_is_taken_on_with_its_counts_and_without_what_was_under_way() -> None:
    metrics = Metrics(workers=1)
    block = metrics.take()
    metrics.attach(block)
    for _ in range(3):
        metrics.begin()
    metrics.finish(Exchange(1, UNMARKED), 200)
    metrics.queue(2)
    assert (metrics.read().in_flight, metrics.read().queued) == (2, 2)
    metrics.release(block)
    assert metrics.take() == block
    reading = metrics.read()
    assert (reading.in_flight, reading.queued, len(reading.requests)) == (0, 0, 1)


def test_blocks_never_run_out_for_those_that_serve() -> None:
    metrics = Metrics(workers=1)
    blocks = [metrics.take() for _ in range(40)]
    assert len(set(blocks)) == 17
    metrics.release(0)
    assert metrics.take() == 0
