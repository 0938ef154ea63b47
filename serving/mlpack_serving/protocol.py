"""uvicorn's HTTP protocol, with limits on what a client may send and how slowly, and a shutdown that loses nothing.

uvicorn itself bounds neither the size of headers nor the time that headers or a body may take.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

import httptools
from starlette.exceptions import HTTPException
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mlpack_serving.errors import CLOSE, JSON_HEADERS, report
from mlpack_serving.exchange import UNMARKED, Exchange
from mlpack_serving.lane import Lane, LaneRequest, header_lines
from mlpack_serving.scoring import STREAM
from mlpack_serving.settings import Settings

#: How long a connection without a request stays open when the server shuts down: one may be on its way.
LAST_CALL_SECONDS = 1.0
_UPGRADE = re.compile(rb"(?<=\n)upgrade(?=[ \t]*:)", re.IGNORECASE)


class LimitedProtocol(HttpToolsProtocol):
    """One connection; :func:`protocol_for` makes the class that uvicorn takes."""

    settings: ClassVar[Settings]
    lane: ClassVar[Lane]
    #: Called with each connection.
    connected: Callable[[socket.socket], None]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """The time for the first headers begins."""
        writes = _JoinedWrites(transport, self.loop)
        super().connection_made(cast(asyncio.Transport, writes))
        self.write_answer = writes.write_at_once
        self._head = 0  # bytes of a head that is not complete
        self._body: int | None = None  # bytes of a body that is not complete; None where there is none
        self._began = self.loop.time()
        self._held = b""  # a request for the lane of which more has to come; the parser has not seen it
        self._rested = self._began  # when the last answer was sent
        self._draining = False
        self._deadline: asyncio.TimerHandle | None = None
        self._watch(self.settings.header_timeout)
        self.connected(transport.get_extra_info("socket"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._unwatch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a usual request past the parser, or feed that. What is incomplete then has a deadline."""
        if self._lane_is_free() and self._take_lane(self._held + data):
            return
        if self._held:
            data, self._held, self._body = self._held + data, b"", None
        self._unset_keepalive_if_required()
        if self._body is None:
            self._head += len(data)
            if b"pgrade" in data:
                data = _without_upgrade(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # of a kind that has no body
            pass
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, HTTPException) else HTTPException(400, "this is not HTTP/1.1"))
            return
        if self._head > self.settings.header_bytes:
            self._refuse(_head_too_large(self.settings))
        elif self._body is not None:
            if self._deadline is None:
                self._watch(self.settings.body_timeout)
        elif self._head == 0:
            self._unwatch()
        elif self._deadline is None:
            self._watch(self.settings.header_timeout)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header. What follows a body in chunks looks like one and is dropped: it would replace those that count."""
        if self._body is None:
            super().on_header(name, value)
            return
        self._head += len(name) + len(value)
        if self._head > self.settings.header_bytes:
            raise _head_too_large(self.settings)

    def on_headers_complete(self) -> None:
        """Hold the head against its limits; raises HTTPException, which the parser hands to ``data_received``."""
        limits = self.settings
        if len(self.headers) > limits.header_count:
            raise HTTPException(431, f"a request may have {limits.header_count} headers (--max-headers)")
        # Its size need only be counted where the pieces that it came in were larger than the limit together.
        if self._head > limits.header_bytes and self._head_size() > limits.header_bytes:
            raise _head_too_large(limits)
        _check_framing(self.parser.get_http_version(), self.headers)
        self._head, self._body = 0, 0
        self._unwatch()
        super().on_headers_complete()
        if self._draining:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """A piece of a body, however it was framed."""
        self._body = (self._body or 0) + len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The whole request is here."""
        self._head, self._body = 0, None
        super().on_message_complete()

    def _lane_is_free(self) -> bool:
        """Whether a request may begin or go on in the lane: none is with the parser, or being answered."""
        between = self._head == 0 and (self._body is None or self._held)
        return bool(between) and not (self._answering or self._draining or self.flow.write_paused)

    def _take_lane(self, data: bytes) -> bool:
        """Have a usual request answered in the lane, or wait for the rest of it there; False for any other."""
        start, length, credential, marks = self.lane.measure(data)
        missing = start + length - len(data)
        if not length or missing < 0 or STREAM in data:  # which may ask for an answer in pieces
            return False
        if missing:
            if not self._held:
                self._unset_keepalive_if_required()
                self._unwatch()
                self._watch(self.settings.body_timeout)
            self._held, self._body = data, len(data) - start
            return True
        self._unwatch()
        self._held, self._body = b"", None
        request = LaneRequest(self, marks)
        self.cycle = request  # type: ignore[assignment]  # which looks like one of uvicorn's
        request.waiting = self.lane.answer(data[start:], credential, request)
        return True

    def on_response_complete(self) -> None:
        """An answer was sent: let the next request come. A timer of this connection that runs may run on."""
        if self.pipeline or self.timeout_keep_alive_task is None:
            super().on_response_complete()
        else:
            self._rested = self.loop.time()
            self.server_state.total_requests += 1

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection, if it has been idle for so long since it last answered."""
        left = self._rested + self.timeout_keep_alive - self.loop.time()
        if self._answering or left > 0:
            wait = self.timeout_keep_alive if self._answering else left
            self.timeout_keep_alive_task = self.loop.call_later(wait, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """Called when the server shuts down: answer what has come or is on its way, then close."""
        self._draining = True
        if self._answering:
            self.cycle.keep_alive = False
        else:
            self.loop.call_later(LAST_CALL_SECONDS, self._close_if_idle)

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _close_if_idle(self) -> None:
        if not self._answering and self._head == 0 and self._body is None and not self.transport.is_closing():
            self.transport.close()
            if self.scheme == "https":  # in which a client should agree to the end, but need not read that it is asked
                self.loop.call_later(LAST_CALL_SECONDS, self.transport.abort)

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _watch(self, seconds: float) -> None:
        self._began = self.loop.time()
        self._deadline = self.loop.call_later(seconds, self._expired)

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expired(self) -> None:
        self._deadline = None
        if self._body is not None:
            self._body_expired(self._body)
        elif self._head:
            self._refuse(HTTPException(408, "the headers did not come in time (--header-timeout)"))
        else:
            self.transport.close()

    def _body_expired(self, received: int) -> None:
        limits = self.settings
        left = self._began + limits.body_timeout + received / limits.body_rate - self.loop.time()
        if self.flow.read_paused:  # it is we who do not read
            self._watch(limits.body_timeout)
        elif left > 0:
            self._deadline = self.loop.call_later(left, self._expired)
        else:
            self._refuse(HTTPException(408, "the body came too slowly (--body-timeout, --min-body-rate)"))

    def _refuse(self, error: HTTPException) -> None:
        """Answer what is not worth a request, and close. An answer that is under way ends first, or is cut off."""
        self._unwatch()
        if self._answering and self._body is None:  # the fault is in what follows a request that is being answered
            self.cycle.keep_alive = False
            self.flow.pause_reading()
            return
        if not self._answering or not (self.cycle.response_started or self.pipeline):
            self.transport.write(self._raw_answer(error))
        self.transport.close()

    def _raw_answer(self, error: HTTPException) -> bytes:
        observer = self.lane.observer
        exchange = Exchange(observer.route(""), UNMARKED)
        observer.begin()
        problem = report(error, exchange)
        content = problem.json(self.settings.error_bytes)
        length = (b"content-length", b"%d" % len(content))
        headers = [*JSON_HEADERS, CLOSE, length, *observer.headers(exchange, problem.status)]
        observer.finish(exchange, problem.status)
        return STATUS_LINE[problem.status] + header_lines(headers) + b"\r\n" + content


class _JoinedWrites:
    """A transport that sends what is written in one turn of the loop at once.

    uvicorn writes the head of an answer and its body separately: two calls of the system, and two packets.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def write_at_once(self, data: bytes) -> None:
        """Send what needs no joining, after what was written before."""
        if self._parts:
            self._parts.append(data)
            self._flush()
        elif not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts and not self._transport.is_closing():
            self._transport.writelines(self._parts)
        self._parts = []


def protocol_for(settings: Settings, lane: Lane, connected: Callable[[socket.socket], None]) -> type[LimitedProtocol]:
    """The protocol class with these settings, for uvicorn's ``Config(http=...)``."""
    return type("Bound", (LimitedProtocol,), {"settings": settings, "lane": lane, "connected": staticmethod(connected)})


def _without_upgrade(data: bytes) -> bytes:
    """Hide from the parser that a client would rather speak another protocol (Java's does): it would drop the body."""
    head, end, rest = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"x-no-upgrade", head) + end + rest


def _check_framing(version: str, headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Refuse what the parser takes, and a proxy may take for something else (RFC 9112, sections 3.2 and 6.1)."""
    if version not in ("1.1", "1.0"):
        raise HTTPException(400, "this is not HTTP/1.1")
    hosts = 0
    for name, value in headers:
        hosts += name == b"host"
        if name == b"transfer-encoding" and value.strip().lower() != b"chunked":
            raise HTTPException(400, "the one transfer coding that is read is chunked")
    if hosts > 1 or (version == "1.1" and not hosts):
        raise HTTPException(400, "a request must have one Host header")


def _head_too_large(limits: Settings) -> HTTPException:
    return HTTPException(431, f"the head of a request may have {limits.header_bytes} bytes (--max-header-bytes)")
