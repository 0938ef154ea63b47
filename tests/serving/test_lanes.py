"""The fast lane answers as the application does under any server: byte for byte, but for dates and ids."""

from __future__ import annotations

import gzip
import re
import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.serving.conftest import request

if TYPE_CHECKING:
    from tests.serving.conftest import Server, StartServer

SPLIT = b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1, 2.5], [null, 7]]}}'
RECORDS = b'{"dataframe_records": [{"length": 7, "width": 8, "more": "x"}]}'
BODIES = {
    "split": b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1, 2.5], [7e0, 8.25]]}}',
    "other order": b'{"dataframe_split": {"columns": ["width", "length"], "data": [[8, 7]]}}',
    "an index": b'{"dataframe_split": {"columns": ["length", "width"], "index": [5], "data": [[8, 7]]}}',
    "records": RECORDS,
    "inputs": b'{"inputs": {"length": [1, 7], "width": [2, 8]}}',
    "instances": b'{"instances": [{"length": 1, "width": 2}]}',
    "no rows": b'{"dataframe_split": {"columns": ["length", "width"], "data": []}}',
    "a null": SPLIT,
    "a text": b'{"dataframe_records": [{"length": "seven", "width": 8}]}',
    "a text of a number": b'{"dataframe_records": [{"length": "7", "width": 8}]}',
    "a boolean": b'{"dataframe_records": [{"length": true, "width": 8}]}',
    "a list": b'{"dataframe_records": [{"length": [7], "width": 8}]}',
    "a column too few": b'{"dataframe_records": [{"length": 7}]}',
    "a ragged row": b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1, 2], [3]]}}',
    "a long integer": b'{"dataframe_records": [{"length": 123456789012345678901234567890, "width": 8}]}',
    "an inexact integer": b'{"dataframe_records": [{"length": 9007199254740993, "width": 8}]}',
    "a long number": b'{"dataframe_records": [{"length": 1.' + b"0" * 500 + b', "width": 8}]}',
    "infinity": b'{"dataframe_records": [{"length": 1e999, "width": 8}]}',
    "NaN": b'{"dataframe_records": [{"length": NaN, "width": 8}]}',
    "params": b'{"dataframe_records": [{"length": 7, "width": 8}], "params": {"no": 1}}',
    "two forms": b'{"inputs": {"length": [1], "width": [2]}, "instances": []}',
    "no form": b'{"rows": [[1, 2]]}',
    "no object": b"[[1, 2]]",
    "no JSON": b'{"inputs": ',
    "no UTF-8": b'{"inputs": "\xff"}',
    "nothing": b"",
    "a mark of byte order": b"\xef\xbb\xbf" + RECORDS,
    "deep": b'{"inputs": ' + b"[" * 70 + b"]" * 70 + b"}",
    "a stream asked for": b'{"dataframe_records": [{"length": 7, "width": 8}], "stream": true}',
    "a stream named": b'{"dataframe_records": [{"length": 7, "width": 8, "more": "\\"stream\\""}]}',
    "large": b'{"dataframe_split": {"columns": ["length", "width"], "data": [' + b"[1, 2], " * 5000 + b"[3, 4]]}}",
}
HEADERS = {
    "JSON": ["content-type: application/json"],
    "capitals": ["Content-Type: Application/JSON; Charset=UTF-8", "ACCEPT: application/json"],
    "another charset": ["content-type: application/json; charset=latin-1"],
    "CSV": ["content-type: text/csv"],
    "a form": ["content-type: application/x-www-form-urlencoded"],
    "compressed": ["content-type: application/json", "content-encoding: gzip"],
    "Arrow wanted": ["content-type: application/json", "accept: application/vnd.apache.arrow.stream"],
    "anything wanted": ["content-type: application/json", "accept: text/html, */*;q=0.8"],
    "events wanted": ["content-type: application/json", "accept: text/event-stream"],
    "two types": ["content-type: application/json", "content-type: text/csv"],
    "expected": ["content-type: application/json", "expect: 100-continue"],
    "traced": [
        "content-type: application/json",
        "traceparent: 00-4bf92f3577b34da6-00f067aa0ba902b7-01",
    ],
}
_VARIES = re.compile(rb"(?<=\r\n)(date|x-request-id): [^\r]*|(?<=dur=)[\d.]+")


@pytest.fixture(scope="module")
def ours(shared_server: StartServer) -> Server:
    """A server as people start it."""
    return shared_server("flowers")


@pytest.fixture(scope="module")
def plain(shared_server: StartServer) -> Server:
    """The application under uvicorn's own protocol."""
    return shared_server("flowers", script="run_uvicorn.py")


def answer(connection: socket.socket) -> bytes:
    """The next answer on a connection, without what varies; all that came, if the server closes it before."""
    received = b""
    while True:
        head, end, content = received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if head.startswith(b"HTTP/1.1 100") and end:
            received = content
        elif end and len(content) >= int(length[1] if length else 0):
            return _VARIES.sub(b"", received)
        elif piece := connection.recv(65536):
            received += piece
        else:
            return received


def answers(server: Server, *messages: bytes) -> list[bytes]:
    """The answers to requests on one connection."""
    with server.connect() as connection:
        received = []
        for message in messages:
            connection.sendall(message)
            received.append(answer(connection))
        return received


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_every_body_is_answered_alike_also_when_its_head_is_known(ours: Server, plain: Server, body: bytes) -> None:
    message = request(body, "content-type: application/json")
    expected = answers(plain, message)[0]
    assert answers(ours, message, message, message) == [expected] * 3


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_every_head_is_answered_alike(ours: Server, plain: Server, headers: list[str]) -> None:
    body = gzip.compress(RECORDS, mtime=0) if "content-encoding: gzip" in headers else RECORDS
    message = request(body, *headers)
    expected = answers(plain, message)[0]
    assert [answers(ours, message)[0] for _ in range(3)] == [expected] * 3


@pytest.mark.parametrize(
    "line", ["POST /invocations?x=1", "POST /invocations/", "PUT /invocations", "POST /invocation%73", "POST /ping"]
)
def test_every_other_path_is_answered_alike(ours: Server, plain: Server, line: str) -> None:
    message = request(RECORDS, "content-type: application/json").replace(b"POST /invocations", line.encode())
    assert answers(ours, message, message) == answers(plain, message, message)


def test_pieces_make_the_same_request(ours: Server) -> None:
    message = request(SPLIT, "content-type: application/json")
    expected = answers(ours, message)[0]
    for at in (1, 20, message.index(b"\r\n\r\n") + 2, len(message) - len(SPLIT), len(message) - 1):
        with ours.connect() as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(message)
            assert answer(connection) == expected
            connection.sendall(message[:at])
            connection.sendall(message[at:])
            assert answer(connection) == expected


def test_requests_sent_at_once_are_answered_in_their_order(ours: Server) -> None:
    bodies = [b'{"dataframe_records": [{"length": %d, "width": %d}]}' % (at, at) for at in (1, 8, 2, 7)]
    messages = [request(body, "content-type: application/json") for body in bodies]
    expected = [answers(ours, message)[0] for message in messages]
    with ours.connect() as connection:
        connection.sendall(b"".join([*messages, request(RECORDS, "connection: close")]))
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert [content.rpartition(b"\r\n")[2] for content in expected] == re.findall(rb"\{.*?\}", received)[:4]


def test_a_connection_to_be_closed_is_closed(ours: Server) -> None:
    message = request(RECORDS, "content-type: application/json", "connection: close")
    assert b"\r\nconnection: close\r\n" in ours.exchange(message)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_bytes_that_were_changed_anywhere_are_answered_alike(ours: Server, plain: Server, data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([SPLIT, RECORDS])))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    message = request(bytes(body), "content-type: application/json")
    assert answers(ours, message, message) == answers(plain, message, message)
