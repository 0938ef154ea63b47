"""A full queue refuses more, and who went away waits no longer, whichever way a request takes through the server."""

from __future__ import annotations

import gzip
import select
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

from tests.serving.conftest import request

if TYPE_CHECKING:
    from tests.serving.conftest import Server, StartServer

BODY = b'{"input": "x"}'
#: A request for the lane, one for the application that goes to the same queue, and one that waits for a thread itself.
WAYS = {
    "lane": request(BODY),
    "application": request(BODY, "accept: text/html, */*"),
    "thread": request(gzip.compress(BODY), "content-encoding: gzip"),
}
each_way = pytest.mark.parametrize("message", WAYS.values(), ids=WAYS)


def asked(running: Server, stack: ExitStack, message: bytes, count: int) -> list[socket.socket]:
    """So many connections, on each of which the message was sent."""
    connections = [stack.enter_context(running.connect()) for _ in range(count)]
    for each in connections:
        each.sendall(message)
    return connections


def held(running: Server, stack: ExitStack, gate: Path) -> socket.socket:
    """A connection whose request is being predicted until the file ``open`` is in the folder."""
    (connection,) = asked(running, stack, request(orjson.dumps({"input": "x", "gate": str(gate)})), 1)
    deadline = time.monotonic() + 20
    while not (gate / "waits").exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return connection


def answer(connection: socket.socket) -> tuple[int, bytes]:
    """Status and all that came of an answer with a short body."""
    received = connection.recv(65536)
    while not received.endswith(b"}"):
        received += connection.recv(65536)
    return int(received.split()[1]), received


def first_answered(connections: list[socket.socket], count: int) -> set[socket.socket]:
    """So many of them, on which an answer has come."""
    found: set[socket.socket] = set()
    while len(found) < count:
        found.update(select.select([each for each in connections if each not in found], [], [], 10)[0])
    return found


@each_way
def test_a_full_queue_refuses_the_next_and_answers_all_that_wait(
    server: StartServer, tmp_path: Path, message: bytes
) -> None:
    running = server("gated", queue=3)
    with ExitStack() as stack:
        first = held(running, stack, tmp_path)
        others = asked(running, stack, message, 6)
        refused = first_answered(others, 3)
        again = next(iter(refused))
        status, head = answer(again)
        assert status == 429
        assert b"\r\nretry-after: 1\r\n" in head
        assert b"\r\nretry-after-ms: " in head
        assert b"RESOURCE_EXHAUSTED" in head
        (tmp_path / "open").touch()
        assert [answer(each)[0] for each in [first, *(set(others) - refused)]] == [200] * 4
        again.sendall(message)  # on the connection on which it was refused
        assert answer(again)[0] == 200
    assert "(--max-queue)" in running.log.read_text("utf-8")


def test_bodies_are_refused_where_there_is_no_room_for_more_of_them(server: StartServer, tmp_path: Path) -> None:
    running = server("gated", body_bytes=2000)
    large = request(orjson.dumps({"input": "x" * 1900}), "accept: text/html, */*")
    with ExitStack() as stack:
        first = held(running, stack, tmp_path)
        others = asked(running, stack, large, 20)
        refused = first_answered(others, 4)
        assert {answer(each)[0] for each in refused} == {429}
        (tmp_path / "open").touch()
        assert [answer(each)[0] for each in [first, *(set(others) - refused)]] == [200] * 17
        (again,) = asked(running, stack, large, 1)
        assert answer(again)[0] == 200
    assert "(--max-body-bytes)" in running.log.read_text("utf-8")


@each_way
def test_what_a_client_that_went_away_has_asked_is_never_predicted(
    server: StartServer, tmp_path: Path, message: bytes
) -> None:
    running = server("gated", queue=2)
    with ExitStack() as stack:
        first = held(running, stack, tmp_path)
        for _ in range(5):  # which would not all fit at once
            with running.connect() as gone:
                gone.sendall(message)
                settle(running)
            settle(running)
        (last,) = asked(running, stack, message, 1)
        settle(running)
        (tmp_path / "open").touch()
        assert answer(first)[1].endswith(b'{"calls":1}')
        assert answer(last)[1].endswith(b'{"calls":2}')


def settle(running: Server) -> None:
    """Let the loop of the server turn some times: what has reached it before is done then."""
    with running.connect() as connection:
        for _ in range(3):
            connection.sendall(b"GET /live HTTP/1.1\r\nhost: test\r\n\r\n")
            assert b" 200 OK" in connection.recv(65536)
