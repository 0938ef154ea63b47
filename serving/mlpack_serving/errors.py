"""What a client is told when something goes wrong: one table from exceptions to statuses, and the JSON of an answer.

The codes are MLflow's. A message never holds a traceback or a path; the full story is in the log, under the id that
the answer carries in ``x-request-id``.
"""

from __future__ import annotations

import logging
import re
from asyncio import CancelledError
from dataclasses import dataclass
from math import ceil, inf
from time import perf_counter

import orjson
from starlette.exceptions import HTTPException

from mlpack.errors import (
    InvalidInput,
    LimitExceeded,
    MissingFramework,
    MlpackError,
    PredictionFailed,
    SchemaMismatch,
    UnsupportedMediaType,
    UnwritableAnswer,
)
from mlpack_serving.exchange import Exchange

logger = logging.getLogger("mlpack_serving")

Headers = tuple[tuple[bytes, bytes], ...]

NOSNIFF = (b"x-content-type-options", b"nosniff")
#: Headers that every JSON answer has.
JSON_HEADERS = [(b"content-type", b"application/json"), NOSNIFF]
CLOSE = (b"connection", b"close")

_SERVER_FAULT = 500
#: How often it is said, in seconds, that requests are refused; when it was said last.
_QUIET_SECONDS = 1.0
_warned = -inf


class ModelBroken(PredictionFailed):
    """The model failed for a reason that is not the request: the machine's, or it fails on its own example too."""


class NotAcceptable(InvalidInput):
    """The answer cannot be written in the form that ``Accept`` asks for."""


class DeadlineExceeded(MlpackError):
    """The prediction took longer than it may."""


class PredictionHangs(MlpackError):
    """The request was never predicted, because another prediction does not end."""

    headers: Headers = ((b"retry-after", b"1"),)

    def __init__(self) -> None:
        super().__init__("a prediction hangs and holds up the others")


class Overloaded(MlpackError):
    """As much waits as may; ``retry_after`` is when, in seconds from now, some of it should have gone."""

    def __init__(self, what: str, *, option: str, retry_after: float = inf) -> None:
        super().__init__(f"{what} already", tip=f"try again, or raise the limit with {option}")
        self.option = option
        self.retry_after = retry_after

    @property
    def headers(self) -> Headers:
        """When to try again: in whole seconds, as RFC 9110 has it, and in milliseconds for clients that read them."""
        return ((b"retry-after", b"1"), (b"retry-after-ms", b"%d" % min(max(self.retry_after * 1000, 1), 1000)))


class Unauthenticated(MlpackError):
    """Who sent this is not known; ``given`` says whether a key or a token came with it."""

    def __init__(self, message: str, *, given: bool) -> None:
        super().__init__(message, tip="send a key as Authorization: Bearer KEY or as X-API-Key: KEY")
        self.given = given

    @property
    def headers(self) -> Headers:
        """How to say who one is. Source: RFC 6750, section 3."""
        return ((b"www-authenticate", b'Bearer realm="mlpack"' + b', error="invalid_token"' * self.given),)


class Forbidden(MlpackError):
    """Who sent this is known, and may not do it."""


class RateLimited(MlpackError):
    """A caller sends more than it may; ``wait`` is for how many seconds it has to be silent."""

    def __init__(self, rate: float, wait: float) -> None:
        super().__init__(f"this is more than {rate:g} requests a second (--rate-limit)", tip="wait, and try again")
        self.wait = wait

    @property
    def headers(self) -> Headers:
        """When to try again."""
        return ((b"retry-after", b"%d" % ceil(self.wait)), (b"retry-after-ms", b"%d" % ceil(self.wait * 1000)))


class ClientGone(Exception):
    """The client closed the connection before it was answered; nobody is there to be told."""


#: The first class that fits decides. What is not listed is our own fault.
_TABLE: tuple[tuple[type[BaseException], int, str], ...] = (
    (Unauthenticated, 401, "UNAUTHENTICATED"),
    (Forbidden, 403, "PERMISSION_DENIED"),
    (RateLimited, 429, "REQUEST_LIMIT_EXCEEDED"),
    (NotAcceptable, 406, "BAD_REQUEST"),
    (LimitExceeded, 413, "RESOURCE_LIMIT_EXCEEDED"),
    (UnsupportedMediaType, 415, "BAD_REQUEST"),
    (MissingFramework, 415, "BAD_REQUEST"),
    (SchemaMismatch, 400, "INVALID_PARAMETER_VALUE"),
    (InvalidInput, 400, "BAD_REQUEST"),
    (ModelBroken, 500, "INTERNAL_ERROR"),
    (UnwritableAnswer, 500, "INTERNAL_ERROR"),
    (PredictionFailed, 400, "BAD_REQUEST"),
    (Overloaded, 429, "RESOURCE_EXHAUSTED"),
    (DeadlineExceeded, 504, "DEADLINE_EXCEEDED"),
    (PredictionHangs, 503, "TEMPORARILY_UNAVAILABLE"),
    (CancelledError, 503, "TEMPORARILY_UNAVAILABLE"),  # the server ends and has waited as long as it may
)
#: What is told in full, so that the log need not have more.
_TOLD: tuple[type[BaseException], ...] = (
    *(HTTPException, InvalidInput, DeadlineExceeded, PredictionHangs, CancelledError, Overloaded),
    *(Unauthenticated, Forbidden, RateLimited),
)
#: Every status that a request to predict can be refused with; the first are those of the way here, before the table.
STATUSES = sorted({400, 408, 413, 415, 431} | {status for _, status, _ in _TABLE})
_CODES = {404: "ENDPOINT_NOT_FOUND", 503: "TEMPORARILY_UNAVAILABLE"}

# Something that starts like a path (/, ~/, ./, ../, a drive), to the end of its quotes or of the word; or a word with a
# separator that ends like a file (a/b.py).
_START = r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\](?=\w)"
_PATH = re.compile(
    rf"(?<=['\"]){_START}[^'\"]+(?=['\"])"
    rf"|(?<![\w/\\.]){_START}[^\s'\"<>|:,;()]+"
    r"|(?<![\w/\\.])(?:[\w.@+-]+[/\\])+[\w@+-]+\.[A-Za-z]\w{0,5}\b"
)


@dataclass(frozen=True)
class Problem:
    """An error answer: the HTTP status, MLflow's code, a message that is safe to send, and headers of its own."""

    status: int
    code: str
    message: str
    headers: Headers = ()

    @classmethod
    def of(cls, error: BaseException) -> Problem:
        """What the table says of an exception; the message is not cut yet."""
        if isinstance(error, HTTPException):
            return cls(error.status_code, _CODES.get(error.status_code, "BAD_REQUEST"), error.detail)
        for kind, status, code in _TABLE:
            if isinstance(error, kind):
                tip = getattr(error, "tip", "")
                message = f"{error}; {tip}" if tip else str(error)
                return cls(status, code, message, getattr(error, "headers", ()))
        return cls(_SERVER_FAULT, "INTERNAL_ERROR", "the server failed; its log tells why under this x-request-id")

    def content(self, limit: int) -> dict[str, str]:
        """What the body of the answer holds; the message is cut to ``limit`` bytes."""
        return {"error_code": self.code, "message": cut(self.message, limit)}

    def json(self, limit: int) -> bytes:
        """The body of the answer."""
        return orjson.dumps(self.content(limit))


def report(error: BaseException, exchange: Exchange) -> Problem:
    """Log an exception under the id of its request; returns what to tell the client."""
    problem = Problem.of(error)
    told = isinstance(error, _TOLD)
    level = logging.ERROR if problem.status >= _SERVER_FAULT else logging.INFO
    if isinstance(error, Overloaded | RateLimited):  # there are thousands
        level = logging.DEBUG
        if isinstance(error, Overloaded):
            _warn_of(error)
    if logger.isEnabledFor(level):
        request_id = exchange.request_id.decode()
        line = f"{request_id}: {problem.status} {problem.code}: {problem.message}"
        marks = {"request_id": request_id, "status": problem.status, "error_code": problem.code}
        if trace_id := exchange.marks.trace_id:
            marks["trace_id"] = trace_id
        logger.log(level, "%s", line, exc_info=None if told else error, extra={"told": marks})
    return problem


def _warn_of(overload: Overloaded) -> None:
    """Say in the log that requests are refused, once a second."""
    global _warned  # noqa: PLW0603  of one process, as the log is
    if (now := perf_counter()) - _warned > _QUIET_SECONDS:
        _warned = now
        logger.warning("requests are refused: %s (%s)", overload, overload.option)


def model_message(error: BaseException) -> str:
    """What may be told of an exception of the model: its type and its first line, without paths."""
    first = next(iter(str(error).splitlines()), "")
    text = _PATH.sub("<path>", first).strip()
    name = type(error).__name__
    return f"the model raised {name}: {text}" if text else f"the model raised {name}"


def cut(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` bytes of UTF-8, an ellipsis for what is left out."""
    data = text.encode("utf-8", "replace")
    return text if len(data) <= limit else data[: limit - 3].decode("utf-8", "ignore") + "…"
