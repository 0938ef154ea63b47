"""Answers piece by piece, as server-sent events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from tests.serving.conftest import Client, StartServer

TWO = 'data: {"at":0}\n\ndata: {"at":1}\n\ndata: [DONE]\n\n'


def test_a_body_may_ask_for_a_stream(client: Client) -> None:
    answer = client("talk").post("/invocations", json={"input": "x", "count": 2, "stream": True})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.text == TWO


def test_a_header_may_ask_for_a_stream(client: Client) -> None:
    headers = {"accept": "text/event-stream"}
    assert client("talk").post("/invocations", json={"input": "x", "count": 2}, headers=headers).text == TWO


def test_a_client_that_takes_json_too_gets_json(client: Client) -> None:
    headers = {"accept": "application/json, text/event-stream"}
    assert client("talk").post("/invocations", json={"input": "x"}, headers=headers).json() == {"input": "x"}


def test_no_stream_is_sent_unless_it_is_asked_for(client: Client) -> None:
    order = {"input": 'has "stream" in it', "stream": False}
    assert client("talk").post("/invocations", json=order).json() == order


def test_an_empty_stream_is_only_its_end(client: Client) -> None:
    order = {"input": "x", "count": 0, "stream": True}
    assert client("talk").post("/invocations", json=order).text == "data: [DONE]\n\n"


def test_what_fails_before_the_first_piece_has_a_status(client: Client) -> None:
    order = {"input": "x", "count": 2, "fail_at": 0, "stream": True}
    answer = client("talk").post("/invocations", json=order)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "BAD_REQUEST")


def test_what_fails_later_is_a_frame(client: Client) -> None:
    answer = client("talk").post("/invocations", json={"input": "x", "count": 2, "fail_at": 1, "stream": True})
    first, second, rest = answer.text.split("\n\n")
    assert (first, rest) == ('data: {"at":0}', "")
    error = orjson.loads(second.removeprefix("data: "))["error"]
    assert error["message"] == "the model raised ValueError: cannot go on from <path>"


def test_a_model_that_does_not_stream_says_so(client: Client) -> None:
    body = {"inputs": {"length": [1.0], "width": [2.0]}, "stream": True}
    answer = client("flowers").post("/invocations", json=body)
    assert answer.status_code == 400
    assert "predict_stream" in answer.json()["message"]


def test_each_piece_has_the_whole_timeout(client: Client) -> None:
    slow = client("talk", timeout=0.4)
    order = {"input": "x", "stream": True}
    assert "[DONE]" in slow.post("/invocations", json={**order, "count": 3, "sleep": 0.1}).text
    assert "DEADLINE_EXCEEDED" in slow.post("/invocations", json={**order, "count": 3, "sleep": 0.3}).text


def test_a_client_that_leaves_ends_the_generator(server: StartServer) -> None:
    running = server("talk")
    body = orjson.dumps({"input": "x", "count": 10**6, "sleep": 0.001, "stream": True})
    with running.connect() as connection:
        connection.sendall(b"POST /invocations HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        while b"data:" not in connection.recv(1000):
            pass
    assert running.stop() == 0
    assert "generator closed" in running.log.read_text("utf-8")
