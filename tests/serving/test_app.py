"""The routes and answers of the application, on real packages."""

from __future__ import annotations

import gzip
import logging
from typing import TYPE_CHECKING

import pytest

import mlpack

if TYPE_CHECKING:
    from tests.serving.conftest import Client

ROW = {"dataframe_split": {"columns": ["length", "width"], "data": [[1.0, 2.0]]}}
TEXT = b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1.0, 2.0]]}}'
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/live", "/ping", "/health"])
def test_health_is_a_newline_of_json(client: Client, method: str, path: str) -> None:
    answer = client("flowers").request(method, path)
    assert answer.status_code == 200
    assert answer.content == (b"\n" if method == "GET" else b"")
    assert answer.headers["content-type"] == "application/json"


def test_version_is_ours_in_bare_text(client: Client) -> None:
    assert client("flowers").get("/version").text == mlpack.__version__


def test_a_prediction_comes_as_strict_json(client: Client) -> None:
    answer = client("flowers").post("/invocations", json=ROW)
    assert answer.content == b'{"predictions":[0]}'
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("headers", [{}, {"content-type": ""}])
def test_a_body_without_a_content_type_is_json(client: Client, headers: dict[str, str]) -> None:
    assert client("flowers").post("/invocations", content=TEXT, headers=headers).json() == {"predictions": [0]}


def test_csv_is_read(client: Client) -> None:
    answer = client("flowers").post(
        "/invocations", content="length,width\n1,2\n8,7\n", headers={"content-type": "text/csv"}
    )
    assert answer.json() == {"predictions": [0, 1]}


def test_a_compressed_body_is_read(client: Client) -> None:
    headers = JSON | {"content-encoding": "gzip"}
    answer = client("flowers").post("/invocations", content=gzip.compress(TEXT), headers=headers)
    assert answer.json() == {"predictions": [0]}


def test_arrow_is_written_where_it_is_asked_for(client: Client) -> None:
    ipc = pytest.importorskip("pyarrow.ipc")
    headers = {"accept": "application/vnd.apache.arrow.stream"}
    answer = client("flowers").post("/invocations", json=ROW, headers=headers)
    assert answer.headers["content-type"] == headers["accept"]
    assert ipc.open_stream(answer.content).read_all().column(0).to_pylist() == [0]


def test_an_answer_that_arrow_cannot_hold_is_not_acceptable(client: Client) -> None:
    headers = {"accept": "application/vnd.apache.arrow.stream"}
    answer = client("talk").post("/invocations", json={"input": "x", "unwritable": 1}, headers=headers)
    assert answer.status_code == 406


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/invocations", 405, "BAD_REQUEST"),
        ("POST", "/ping", 405, "BAD_REQUEST"),
        ("GET", "/", 404, "ENDPOINT_NOT_FOUND"),
        ("GET", "/docs", 404, "ENDPOINT_NOT_FOUND"),
        ("POST", "/invocations/", 404, "ENDPOINT_NOT_FOUND"),
    ],
)
def test_what_is_not_served_is_refused_in_json(client: Client, method: str, path: str, status: int, code: str) -> None:
    answer = client("flowers").request(method, path)
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert len(answer.headers["x-request-id"]) == 16
    assert answer.headers.get("allow", "").split(", ")[-1] in answer.json()["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-type": "application/json; charset=latin-1"}, 415),
        ({"content-type": "application/json; charset=UTF-8"}, 200),
        (JSON | {"content-encoding": "br"}, 415),
        (JSON | {"content-encoding": "gzip"}, 400),
    ],
)
def test_a_body_of_another_kind_is_refused(client: Client, headers: dict[str, str], status: int) -> None:
    answer = client("flowers").post("/invocations", content=TEXT, headers=headers)
    assert answer.status_code == status
    assert status == 200 or answer.json()["error_code"] == "BAD_REQUEST"


def test_what_does_not_fit_the_signature_is_named(client: Client) -> None:
    answer = client("flowers").post("/invocations", json={"dataframe_split": {"columns": ["length"], "data": [[1.0]]}})
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "INVALID_PARAMETER_VALUE"
    assert "width" in answer.json()["message"]


def test_a_body_beyond_the_limit_is_refused_by_the_name_of_the_option(client: Client) -> None:
    answer = client("flowers", body_bytes=10).post("/invocations", json=ROW)
    assert (answer.status_code, answer.json()["error_code"]) == (413, "RESOURCE_LIMIT_EXCEEDED")
    assert "--max-body-bytes" in answer.json()["message"]
    assert answer.headers["connection"] == "close"


def test_limits_of_the_content_are_options_too(client: Client) -> None:
    assert client("flowers", columns=1).post("/invocations", json=ROW).status_code == 413


@pytest.mark.parametrize(
    ("order", "status", "message"),
    [
        ({"raise": "value", "say": "not in /srv/x.pkl\nsecond"}, 400, "the model raised ValueError: not in <path>"),
        ({"raise": "os", "say": "disk full"}, 500, "the model raised OSError: disk full"),
        ({"raise": "exit", "say": "1"}, 400, "the model raised SystemExit: 1"),
        ({"raise": "stop", "say": "end"}, 400, "the model raised StopIteration: end"),
    ],
)
def test_what_the_model_raises_is_told_in_one_line(
    client: Client, order: dict[str, str], status: int, message: str
) -> None:
    answer = client("talk").post("/invocations", json={"input": "x", **order})
    assert answer.status_code == status
    assert answer.json()["message"] == message


def test_an_answer_that_json_cannot_hold_is_our_fault(client: Client) -> None:
    answer = client("talk").post("/invocations", json={"input": "x", "unwritable": 1})
    assert (answer.status_code, answer.json()["error_code"]) == (500, "INTERNAL_ERROR")


def test_a_model_that_fails_on_its_own_example_is_at_fault_itself(client: Client) -> None:
    answer = client("broken").post("/invocations", json={"inputs": [1.0]})
    assert (answer.status_code, answer.json()["error_code"]) == (500, "INTERNAL_ERROR")


def test_the_id_of_an_error_finds_its_traceback_in_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "mlpack_serving"):
        answer = client("talk").post("/invocations", json={"input": "x", "raise": "value"})
    assert answer.headers["x-request-id"] in caplog.text
    assert "talk.py" in caplog.text


def test_error_messages_have_a_bound(client: Client) -> None:
    order = {"input": "x", "raise": "value", "say": "ß" * 99}
    answer = client("talk", error_bytes=100).post("/invocations", json=order)
    assert len(answer.json()["message"].encode()) <= 100


def test_a_prediction_that_takes_too_long_is_given_up_and_shows_in_health(client: Client) -> None:
    slow = client("talk", timeout=0.2)
    answer = slow.post("/invocations", json={"input": "x", "sleep": 0.6})
    assert (answer.status_code, answer.json()["error_code"]) == (504, "DEADLINE_EXCEEDED")
    assert slow.get("/ping").status_code == 503
    assert slow.get("/live").status_code == 200
