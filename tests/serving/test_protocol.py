"""Limits and deadlines on the wire, held against a real server by raw sockets."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import orjson
import pytest

import mlpack

if TYPE_CHECKING:
    from tests.serving.conftest import Server, StartServer

BODY = b'{"input": "a body of more than a few bytes"}'
ANSWER = b'{"input":"a body of more than a few bytes"}'
HEAD = b"POST /invocations HTTP/1.1\r\nhost: a\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def running(shared_server: StartServer) -> Server:
    """A server with short deadlines and small limits, for all tests of this file."""
    options = {"header_timeout": 0.5, "body_timeout": 0.5, "body_rate": 1000, "body_bytes": 100_000, "keep_alive": 1}
    return shared_server("talk", **options)


def error(answer: bytes) -> tuple[int, str]:
    """Status and code of an error answer, which must be whole, JSON and marked with an id."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head
    assert b"x-content-type-options: nosniff" in head
    assert b"x-request-id: " in head
    return int(head.split()[1]), orjson.loads(body)["error_code"]


def answer_on(connection: socket.socket) -> None:
    """Wait for the whole answer to BODY."""
    answer = b""
    while not answer.endswith(ANSWER):
        answer += connection.recv(10_000) or b"closed" + ANSWER
    assert b"closed" not in answer


def test_chunks_make_a_body(running: Server) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:5], BODY[5:40], BODY[40:]))
    answer = running.exchange(CHUNKED.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n") + chunks + b"0\r\n\r\n")
    assert answer.endswith(ANSWER)


def test_a_declared_size_beyond_the_limit_is_refused_before_the_body_comes(running: Server) -> None:
    assert error(running.exchange(HEAD + b"content-length: 100001\r\n\r\n")) == (413, "RESOURCE_LIMIT_EXCEEDED")


def test_a_body_that_grows_beyond_the_limit_is_refused_while_it_comes(running: Server) -> None:
    chunk = b"1000\r\n" + bytes(0x1000) + b"\r\n"
    with running.connect() as connection:
        connection.sendall(CHUNKED + chunk * 25)
        answer = b""
        while not answer.endswith(b"}"):
            answer += connection.recv(10_000)
    assert error(answer) == (413, "RESOURCE_LIMIT_EXCEEDED")


def test_a_client_that_sends_all_of_a_refused_body_still_reads_why(running: Server) -> None:
    size = 20_000_000
    assert error(running.exchange(HEAD + b"content-length: %d\r\n\r\n" % size, bytes(size)))[0] == 413


def test_a_form_is_refused_before_its_body_comes(running: Server) -> None:
    head = HEAD + b"content-type: multipart/form-data; boundary=x\r\ncontent-length: 1000\r\n\r\n"
    assert error(running.exchange(head)) == (415, "BAD_REQUEST")


@pytest.mark.parametrize(
    "head",
    [b"x: " + b"y" * 20_000 + b"\r\n\r\n", b"x: " + b"y" * 20_000, b"x: y\r\n" * 101 + b"\r\n"],
    ids=["long", "long and unfinished", "many"],
)
def test_headers_have_limits(running: Server, head: bytes) -> None:
    assert error(running.exchange(HEAD + head)) == (431, "BAD_REQUEST")


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        CHUNKED + b"no number\r\n",
        HEAD + b"content-length: -1\r\n\r\n",
        HEAD + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n",
        HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused(running: Server, sent: bytes) -> None:
    assert error(running.exchange(sent)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("sent", [HEAD, HEAD + b"content-length: 10\r\n\r\n12345", CHUNKED + b"1\r\nx\r\n"])
def test_headers_and_bodies_have_deadlines(running: Server, sent: bytes) -> None:
    began = time.monotonic()
    assert error(running.exchange(sent)) == (408, "BAD_REQUEST")
    assert 0.4 < time.monotonic() - began < 3


def test_dripping_headers_do_not_move_their_deadline(running: Server) -> None:
    with running.connect() as connection:
        connection.sendall(HEAD)
        with suppress(OSError):  # at the end it is closed
            for _ in range(7):
                connection.sendall(b"x: y\r\n")
                time.sleep(0.1)
        assert error(connection.recv(10_000)) == (408, "BAD_REQUEST")


def test_a_body_that_keeps_coming_fast_enough_is_read(running: Server) -> None:
    body = BODY + b" " * 2000
    with running.connect() as connection:
        connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(body))
        for start in range(0, len(body), 300):
            connection.sendall(body[start : start + 300])
            time.sleep(0.1)  # 3000 bytes a second, three times the least
        answer_on(connection)


def test_a_connection_on_which_nothing_comes_is_closed(running: Server) -> None:
    assert running.exchange() == b""


def test_a_connection_is_kept_for_the_next_request_but_not_for_long(running: Server) -> None:
    ask = HEAD + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
    with running.connect() as connection:
        for _ in range(3):
            connection.sendall(ask)
            answer_on(connection)
        assert connection.recv(10_000) == b""


def test_an_offer_to_change_the_protocol_is_ignored(running: Server) -> None:
    offer = b"connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nhttp2-settings: AAMA\r\n"
    with running.connect() as connection:
        connection.sendall(HEAD + offer + b"content-length: %d\r\n\r\n" % len(BODY) + BODY)
        answer_on(connection)


def test_requests_sent_together_are_answered_in_order(running: Server) -> None:
    ask = HEAD + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
    ping = b"GET /version HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
    answer = running.exchange(ask + ask + ping)
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200"] * 3
    assert answer.endswith(mlpack.__version__.encode())
