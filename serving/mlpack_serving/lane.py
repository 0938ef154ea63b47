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
from mlpack_serving.scoring import PLAIN_BYTES, STREAM, Scorer
from mlpack_serving.settings import Settings

if TYPE_CHECKING:
    from mlpack_serving.protocol import LimitedProtocol

Headers = Iterable[tuple[bytes, bytes]]

_PATH = b"/invocations"
_CONTENT_TYPES = frozenset({b"", b"application/json", b"application/json; charset=utf-8"})
_ACCEPTED = frozenset({b"*/*", b"application/json"})
_ABSENT = (b"content-encoding", b"transfer-encoding", b"expect")
_BLANK_LINE = b"\r\n\r\n"
#: How many heads are remembered, and how long they may be: 4 MiB at most.
_HEADS, _HEAD_BYTES = 2048, 2048


class Lane:
    """Which requests it takes, and the answers to them, for one model."""

    def __init__(self, scorer: Scorer, batcher: Batcher, settings: Settings) -> None:
        self._scorer = scorer
        self._batcher = batcher
        self._largest = min(PLAIN_BYTES, settings.body_bytes)
        self._heads: dict[bytes, int] = {}
        self._every_answer: list[tuple[bytes, bytes]] = []
        self._good_start = b""

    def takes(self, method: bytes, url: bytes, version: str, headers: Headers) -> bool:
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

    def remember(self, data: bytes, body: bytes) -> None:
        """Know a head again which the parser understood, and which was taken, if it came whole with its ``body``."""
        head = data[: len(data) - len(body)]
        if len(head) <= _HEAD_BYTES and head.find(_BLANK_LINE) == len(head) - len(_BLANK_LINE):
            if len(self._heads) >= _HEADS:
                self._heads.clear()
            self._heads[head] = len(body)

    def body_in(self, data: bytes) -> bytes | None:
        """The body of a request that came whole with a head that is remembered, which no parser need read; else None.

        The body of a request that may ask for an answer in pieces is not given either.
        """
        end = data.find(_BLANK_LINE) + len(_BLANK_LINE)
        if self._heads.get(data[:end]) != len(data) - end:
            return None
        body = data[end:]
        return None if STREAM in body else body

    def answer(self, body: bytes, deliver: Callable[[bytes | BaseException], None]) -> None:
        """Read a request, and have it answered."""
        try:
            payload = self._scorer.read(body, JSON)
        except Exception as error:  # noqa: BLE001  every error becomes an answer
            deliver(error)
        else:
            self._batcher.submit(payload, deliver)

    def good_start(self, every_answer: list[tuple[bytes, bytes]]) -> bytes:
        """The head of a good answer up to its length; ``every_answer`` are uvicorn's headers: a new list each second,
        for the date."""
        if every_answer is not self._every_answer:
            self._every_answer = every_answer
            self._good_start = STATUS_LINE[200] + _lines([*every_answer, *JSON_HEADERS]) + b"content-length: "
        return self._good_start


class LaneRequest:
    """One request in the lane. uvicorn takes it for one of its own, and for the task that answers it."""

    __slots__ = ("_protocol", "body", "disconnected", "keep_alive", "more_body", "response_complete")

    def __init__(self, protocol: LimitedProtocol, *, keep_alive: bool = True) -> None:
        self.body = bytearray()
        self.more_body = True
        self.keep_alive = keep_alive
        self.disconnected = False
        self.response_complete = False
        self._protocol = protocol
        protocol.tasks.add(self)  # type: ignore[arg-type]

    @property
    def response_started(self) -> bool:
        """An answer is one write."""
        return self.response_complete

    @property
    def message_event(self) -> LaneRequest:
        """What uvicorn tells by :meth:`set`, when a piece of the body has come."""
        return self

    def set(self) -> None:
        """Nobody waits for a body piece by piece."""

    def cancel(self, msg: str) -> None:
        """The server has waited as long as it may."""
        self._protocol.loop.call_soon(self.deliver, CancelledError(msg))

    def deliver(self, answer: bytes | BaseException) -> None:
        """Send an answer, or what went wrong, and make way for the next request."""
        if self.response_complete:
            return
        protocol = self._protocol
        protocol.tasks.discard(self)
        self.response_complete = True
        if self.disconnected:
            return
        every_answer = protocol.server_state.default_headers
        if isinstance(answer, BaseException):
            problem, number = report(answer)
            answer = problem.json(protocol.settings.error_bytes)
            headers = [*every_answer, *JSON_HEADERS, (b"x-request-id", number)]
            start = STATUS_LINE[problem.status] + _lines(headers) + b"content-length: "
        else:
            start = protocol.lane.good_start(every_answer)
        end = b"\r\n\r\n" if self.keep_alive else b"\r\n" + _lines([CLOSE]) + b"\r\n"
        protocol.write_answer(b"%b%d%b%b" % (start, len(answer), end, answer))
        if not self.keep_alive:
            protocol.transport.close()
        protocol.on_response_complete()


def _lines(headers: Headers) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])
