"""The fast lane: usual requests to predict, answered from the connection's protocol, without ASGI.

A task, a scope, and messages for each request cost ten times what reading and answering it does. Here a request is read
when its last byte has come, waits in the batcher, and is answered by one write. Whatever is not usual goes to the
application, which is complete without this.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from mlpack.payloads import JSON
from mlpack_serving.batching import Batcher
from mlpack_serving.errors import CLOSE, JSON_HEADERS, report
from mlpack_serving.scoring import PLAIN_BYTES, Scorer
from mlpack_serving.settings import Settings

if TYPE_CHECKING:
    from mlpack_serving.protocol import LimitedProtocol

_PATH = b"/invocations"
_CONTENT_TYPES = frozenset({b"", b"application/json", b"application/json; charset=utf-8"})
_ACCEPTED = frozenset({b"*/*", b"application/json"})
_ABSENT = (b"content-encoding", b"transfer-encoding", b"expect")


class Lane:
    """Which requests it takes, and the answers to them, for one model."""

    def __init__(self, scorer: Scorer, batcher: Batcher, settings: Settings) -> None:
        self._scorer = scorer
        self._batcher = batcher
        self._settings = settings
        self._largest = min(PLAIN_BYTES, settings.body_bytes)

    def takes(self, method: bytes, url: bytes, version: str, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether the head of a request is of the usual kind: it says how long its body is, and that is small."""
        if method != b"POST" or url != _PATH or version != "1.1":
            return False
        said = dict(headers)
        return (
            0 < int(said.get(b"content-length", b"0")) <= self._largest  # the parser took digits only
            and said.get(b"content-type", b"") in _CONTENT_TYPES
            and said.get(b"accept", b"*/*") in _ACCEPTED
            and not any(name in said for name in _ABSENT)
        )

    def answer(self, body: bytes, deliver: Callable[[bytes | BaseException], None]) -> None:
        """Read a request, and have it answered."""
        try:
            payload = self._scorer.read(body, JSON)
        except Exception as error:  # noqa: BLE001  every error becomes an answer
            deliver(error)
        else:
            self._batcher.submit(payload, deliver)


class LaneRequest:
    """One request in the lane. uvicorn takes it for one of its own, and for the task that answers it."""

    def __init__(self, protocol: LimitedProtocol, keep_alive: bool) -> None:
        self.body = bytearray()
        self.more_body = True
        self.keep_alive = keep_alive
        self.disconnected = False
        self.response_started = self.response_complete = False
        self.message_event = self
        self._protocol = protocol
        protocol.tasks.add(self)  # type: ignore[arg-type]

    def set(self) -> None:
        """Nobody waits for a body piece by piece, which is what uvicorn tells by this."""

    def cancel(self, msg: str) -> None:
        """The server has waited as long as it may."""
        self._protocol.loop.call_soon(self.deliver, CancelledError(msg))

    def deliver(self, answer: bytes | BaseException) -> None:
        """Send an answer, or what went wrong, and make way for the next request."""
        if self.response_complete:
            return
        protocol = self._protocol
        protocol.tasks.discard(self)
        self.response_started = self.response_complete = True
        if self.disconnected:
            return
        if isinstance(answer, BaseException):
            problem, number = report(answer)
            content = problem.json(protocol.settings.error_bytes)
            self._write(problem.status, [*JSON_HEADERS, (b"x-request-id", number)], content)
        else:
            self._write(200, JSON_HEADERS, answer)
        if not self.keep_alive:
            protocol.transport.close()
        protocol.on_response_complete()

    def _write(self, status: int, headers: list[tuple[bytes, bytes]], content: bytes) -> None:
        said = [*self._protocol.server_state.default_headers, *headers, (b"content-length", b"%d" % len(content))]
        if not self.keep_alive:
            said.append(CLOSE)
        head = b"".join([b"%s: %s\r\n" % header for header in said])
        self._protocol.transport.write(STATUS_LINE[status] + head + b"\r\n" + content)
