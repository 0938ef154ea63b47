"""The fast lane: usual requests to predict, answered from the connection's protocol, without ASGI.

A parser's callbacks, a task, a scope, and messages for each request cost ten times what reading and answering it does.
Here a request is read when its last byte has come, waits in the batcher, and is answered by one write. Whatever is not
usual goes to the application, which is complete without this.
"""

from __future__ import annotations

import re
from asyncio import CancelledError
from collections.abc import Iterable
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from mlpack.payloads import JSON
from mlpack_serving.access import Access, credential_of
from mlpack_serving.batching import Batcher, Waiting
from mlpack_serving.errors import CLOSE, JSON_HEADERS, report
from mlpack_serving.exchange import REQUEST_ID, UNMARKED, Exchange, Marks
from mlpack_serving.observer import CLIENT_LEFT, STRANGER, Observer
from mlpack_serving.scoring import PLAIN_BYTES, Scorer
from mlpack_serving.settings import Settings

if TYPE_CHECKING:
    from mlpack_serving.protocol import LimitedProtocol

Headers = Iterable[tuple[bytes, bytes]]

#: What any parser takes for one and the same: no folded lines, no spaces around names, no bare line feeds.
_HEAD = re.compile(
    rb"POST /invocations HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+)\r\n"
)
#: Headers that differ from request to request.
_MARKS = re.compile(rb"(?<=\r\n)(x-request-id|traceparent|tracestate):([\t\x20-\x7e\x80-\xff]*)\r\n", re.IGNORECASE)
#: An answer: its head up to its length, that, what follows up to the id, that, timing, the end of the head, the body.
_UNTIMED = b"%b%d%b%b%b%b%b"
_TIMED = b"%b%d%b%b\r\nserver-timing: %b%b%b"
_BLANK_LINE = b"\r\n\r\n"
#: What a header may say, where it is there; the first is what its absence says.
_USUAL = {
    b"content-type": (b"", b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"),
    b"accept": (b"*/*", b"application/json"),
    b"connection": (b"keep-alive", b"Keep-Alive"),
}
_UNUSUAL = frozenset({b"content-encoding", b"transfer-encoding", b"expect", b"upgrade", b"proxy-connection"})
_ONCE = frozenset({b"content-length", b"host"})
#: How many heads are remembered, and how long they may be, with a token in them: 8 MiB at most.
_HEADS, _HEAD_BYTES = 2048, 4096


class Lane:
    """Which requests it takes, and the answers to them, for one model."""

    def __init__(
        self, scorer: Scorer, batcher: Batcher, settings: Settings, access: Access, observer: Observer
    ) -> None:
        self.observer = observer
        self.begin, self.finish = observer.begin, observer.finish
        self.route = observer.predictions
        self._scorer = scorer
        self._batcher = batcher
        self._admit = access.admit if access.needed else None
        self._unusual = _UNUSUAL | {b"origin"} if settings.allowed_origins else _UNUSUAL
        self._largest = min(PLAIN_BYTES, settings.body_bytes)
        self._most_headers = settings.header_count - len(Marks._fields)
        self._heads: dict[bytes, tuple[int, bytes | None]] = {}
        self._every_answer: list[tuple[bytes, bytes]] = []
        self._good_start = b""
        #: What is between the length of a good answer and the id of its request.
        self.good_middle = b"\r\n" + header_lines(observer.model.headers) + REQUEST_ID + b": "
        self.bare_middle = b"\r\n" + REQUEST_ID + b": "

    def measure(self, data: bytes) -> tuple[int, int, bytes | None, Marks]:
        """Where in ``data`` the body of a usual request begins, how long it is, the key that came with it, and what
        its client calls it; 0 long where the head is not whole, or not of the usual kind. Clients repeat their heads
        to the byte, but for the marks, so those that were read are remembered."""
        start = data.find(_BLANK_LINE) + len(_BLANK_LINE)
        head = data[:start]
        known = self._heads.get(head)
        if known is not None:
            return start, known[0], known[1], UNMARKED
        found = _MARKS.findall(head) if len(head) <= _HEAD_BYTES else []
        said = {name.lower(): value.strip(b" \t") for name, value in found}
        known = self._remembered(_MARKS.sub(b"", head) if found else head)
        return start, known[0] if len(said) == len(found) else 0, known[1], Marks.of(said.items())

    def _remembered(self, head: bytes) -> tuple[int, bytes | None]:
        known = self._heads.get(head)
        if known is None:
            known = self._read(head)
            if known[0]:
                if len(self._heads) >= _HEADS:
                    self._heads.clear()
                self._heads[head] = known
        return known

    def _read(self, head: bytes) -> tuple[int, bytes | None]:
        """The length of the body as a usual head says it, and its key; 0 for any other."""
        found = _HEAD.fullmatch(head) if len(head) <= _HEAD_BYTES else None
        lines = found[1].split(b"\r\n")[:-1] if found else []
        said: dict[bytes, bytes] = {}
        for line in lines:
            name, _, value = line.partition(b":")
            name = name.lower()
            if name in self._unusual or (name in said and (name in _USUAL or name in _ONCE)):
                return 0, None
            said[name] = value.strip(b" \t")
        usual = all(said.get(name, values[0]) in values for name, values in _USUAL.items())
        length = said.get(b"content-length", b"")
        if (
            not usual
            or b"host" not in said
            or len(lines) > self._most_headers
            or not length.isdigit()
            or len(length) > len(str(self._largest))
        ):
            return 0, None
        return (int(length) if int(length) <= self._largest else 0), credential_of(said)

    def answer(self, body: bytes, credential: bytes | None, request: LaneRequest) -> Waiting | None:
        """Read a request, and have it answered, if who sent it may ask. Returns what :meth:`give_up` takes, if it has
        to wait for that."""
        try:
            if self._admit is not None:
                self._admit(credential)
            self._batcher.check_room()
            payload = self._scorer.read(body, JSON)
        except Exception as error:  # noqa: BLE001  every error becomes an answer
            request.deliver(error)
            return None
        return self._batcher.submit(payload, request, request.deliver)

    def give_up(self, waiting: Waiting) -> None:
        """The client that waits has gone away."""
        self._batcher.give_up(waiting)

    def good_start(self, every_answer: list[tuple[bytes, bytes]]) -> bytes:
        """The head of a good answer up to its length; ``every_answer`` are uvicorn's headers: a new list each second,
        for the date."""
        if every_answer is not self._every_answer:
            self._every_answer = every_answer
            self._good_start = STATUS_LINE[200] + header_lines([*every_answer, *JSON_HEADERS]) + b"content-length: "
        return self._good_start


class LaneRequest(Exchange):
    """One request in the lane. uvicorn takes it for one of its own, and for the task that answers it."""

    __slots__ = ("_protocol", "disconnected", "keep_alive", "response_complete", "waiting")

    def __init__(self, protocol: LimitedProtocol, marks: Marks) -> None:
        lane = protocol.lane
        super().__init__(lane.route, marks)
        lane.begin()
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False
        self.waiting: Waiting | None = None  # what has to be given up if the connection is lost
        self._protocol = protocol
        protocol.tasks.add(self)  # type: ignore[arg-type]

    @property
    def response_started(self) -> bool:
        """An answer is one write."""
        return self.response_complete

    @property
    def message_event(self) -> LaneRequest:
        """What uvicorn tells, by :meth:`set`, that the connection is lost."""
        return self

    def set(self) -> None:
        """Nobody is there to be answered."""
        if self.waiting is not None:
            self._protocol.lane.give_up(self.waiting)

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
        self.waiting = None
        lane = protocol.lane
        if self.disconnected:
            lane.finish(self, CLIENT_LEFT)
            return
        every_answer, code, middle = protocol.server_state.default_headers, 200, lane.good_middle
        if isinstance(answer, BaseException):
            problem = report(answer, self)
            answer, code = problem.json(protocol.settings.error_bytes), problem.status
            headers = [*every_answer, *JSON_HEADERS, *problem.headers]
            start = STATUS_LINE[code] + header_lines(headers) + b"content-length: "
            middle = lane.bare_middle if code == STRANGER else middle
        else:
            start = lane.good_start(every_answer)
        end = b"\r\n\r\n" if self.keep_alive else b"\r\n" + header_lines([CLOSE]) + b"\r\n"
        timing = self.timing()
        told = (start, len(answer), middle, self.request_id, timing, end, answer)
        protocol.write_answer((_TIMED if timing else _UNTIMED) % told)
        lane.finish(self, code)
        if not self.keep_alive:
            protocol.transport.close()
        protocol.on_response_complete()


def header_lines(headers: Headers) -> bytes:
    """Headers as they go over the wire."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])
