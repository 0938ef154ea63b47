"""One request and its answer, as counters, logs, headers and traces tell of it."""

from __future__ import annotations

import re
from binascii import hexlify
from collections.abc import Iterable
from random import getrandbits
from time import perf_counter
from typing import NamedTuple

#: The key of an ASGI scope under which its Exchange is.
SCOPE = "mlpack.exchange"
REQUEST_ID = b"x-request-id"
TRACEPARENT = b"traceparent"
TRACESTATE = b"tracestate"
#: The headers in which clients call their requests something.
MARKS = tuple(name.decode() for name in (REQUEST_ID, TRACEPARENT, TRACESTATE))
#: Of a client's own id: nothing that could be taken for something else in a log.
_ID = re.compile(rb"[\w.:/+=@~-]{1,128}", re.ASCII)
#: W3C Trace Context, version 00: ids of zeros are not valid.
_TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_STATE_BYTES = 512


class Marks(NamedTuple):
    """What a client calls its request; None where it does not, or not in a form that is taken over."""

    request_id: bytes | None = None
    traceparent: bytes | None = None
    tracestate: bytes | None = None

    @classmethod
    def of(cls, headers: Iterable[tuple[bytes, bytes]]) -> Marks:
        """The marks among headers, whose names are in lower case."""
        request_id, parent, state = None, None, None
        for name, value in headers:
            if name == REQUEST_ID and _ID.fullmatch(value):
                request_id = value
            elif name == TRACEPARENT and _TRACEPARENT.fullmatch(value):
                parent = value
            elif name == TRACESTATE and len(value) <= _STATE_BYTES:
                state = value
        return cls(request_id, parent, state)

    @property
    def trace_id(self) -> str | None:
        """The client's trace, in 32 hexadecimal digits."""
        return self.traceparent[3:35].decode() if self.traceparent else None


#: Of a client that calls its request nothing.
UNMARKED = Marks()


class Run:
    """One call of the model, for one request or for several together: when its stages ended, by ``perf_counter``.

    What it has to do with its input before it predicts ends with ``read``; a stage that was not reached is 0.
    """

    __slots__ = ("began", "ended", "predicted", "read", "rows", "timing")

    def __init__(self, rows: int = 0) -> None:
        self.began = self.read = self.predicted = self.ended = 0.0
        self.rows = rows
        self.timing = b""

    def begin(self) -> None:
        """It is this run's turn."""
        self.began = self.read = perf_counter()

    def end(self) -> None:
        """All is done, or failed."""
        self.ended = perf_counter()
        self.predicted = self.predicted or self.ended
        self.timing = b", predict;dur=%.3f" % ((self.predicted - self.read) * 1000)


class Exchange:
    """A request on its way to its answer. ``queued`` is when it had been read, ``run`` how its
    ``rows`` were predicted, if they were; times are seconds by ``perf_counter``."""

    __slots__ = ("began", "marks", "queued", "request_id", "route", "rows", "run")

    def __init__(self, route: int, marks: Marks) -> None:
        self.began = self.queued = perf_counter()
        self.route = route
        self.marks = marks
        # Not a secret, and a generator that a fork seeds anew.
        self.request_id = marks.request_id or hexlify(getrandbits(64).to_bytes(8, "big"))
        self.rows = 0
        self.run: Run | None = None

    def timing(self) -> bytes:
        """The value of ``server-timing``, in milliseconds (W3C Server Timing); empty where nothing was predicted."""
        run = self.run
        return b"queue;dur=%.3f%b" % ((run.began - self.queued) * 1000, run.timing) if run else b""
