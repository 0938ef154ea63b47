"""Requests to a tracking server: connections that are kept, timeouts, retries, and credentials that stay with it.

The variables are MLflow's: MLFLOW_HTTP_REQUEST_TIMEOUT (seconds), _MAX_RETRIES, _BACKOFF_FACTOR, _BACKOFF_JITTER.
"""

from __future__ import annotations

import contextlib
import http.client
import random
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO
from urllib.parse import urlencode, urljoin, urlsplit

import orjson

from mlpack import __version__
from mlpack.errors import InvalidArgument, StoreFailure
from mlpack.stores.rest.access import CERTIFICATES, Access
from mlpack.stores.rest.connections import Connections, Line, Unsent, setting
from mlpack.stores.rest.refusals import refusal

Query = Mapping[str, "str | int | Sequence[str] | None"]
Body = bytes | BinaryIO

#: Statuses after which a request may succeed when it is sent again.
TRANSIENT = {408, 429, 500, 502, 503, 504}
#: Those of them that say that the request was not acted upon.
NOT_ACTED_UPON = {429, 503}
REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 5
LONGEST_WAIT = 120.0
#: No answer in JSON that makes sense is longer.
LONGEST_JSON = 256 * 1024**2
_BLOCK = 1 << 20
#: Where nothing listens, a few attempts tell a restart from a wrong address.
MOST_CONNECTS = 3


@dataclass(frozen=True)
class _Request:
    method: str
    target: str
    body: Body | None
    headers: Mapping[str, str]
    repeatable: bool


@dataclass
class _Attempts:
    """How often a request has been sent, and how often it still may be."""

    retries: int = field(default_factory=lambda: int(setting("MLFLOW_HTTP_REQUEST_MAX_RETRIES", 7)))
    done: int = 0

    def wait(self, told: str | None = None, *, most: int | None = None) -> bool:
        """Wait before the next attempt, as the server told or longer each time; False where none is left."""
        if self.done >= (self.retries if most is None else min(most, self.retries)):
            return False
        pause = _seconds(told or "")
        if pause is None:
            factor = setting("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", 2)
            jitter = random.random() * setting("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", 1)  # noqa: S311
            pause = jitter + (factor * 2**self.done if self.done else 0)
        self.done += 1
        time.sleep(min(pause, LONGEST_WAIT))
        return True


class Session:
    """Requests to one server. Threads may share it; a process that forks gets connections of its own."""

    def __init__(self, uri: str, access: Access | None = None) -> None:
        parts = urlsplit(uri)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise InvalidArgument("a tracking server is named as http(s)://host[:port][/path]")
        #: The server as messages name it: without the name and password that its URI may hold.
        self.server = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        self._access = access or Access.from_environment(parts)
        self._origin = urlsplit(self.server)
        self._connections = Connections(self._access.tls)

    def json(
        self, method: str, path: str, *, query: Query | None = None, body: Any = None, repeatable: bool = True
    ) -> dict[str, Any]:
        """Send and receive JSON. ``repeatable`` says that the request does no harm when it is acted upon twice.

        Raises:
            NoSuchEndpoint: the server has no such path: it is of another release.
            StoreFailure: it cannot be reached, or refuses; MlflowRefusal where it says why in MLflow's words.
        """
        content = None if body is None else orjson.dumps(body)
        headers = {"Content-Type": "application/json"} if content is not None else {}
        with self.open(method, path, query=query, body=content, headers=headers, repeatable=repeatable) as response:
            text = self.read(response)
        try:
            answer = orjson.loads(text or b"{}")
        except orjson.JSONDecodeError:
            answer = None
        if not isinstance(answer, dict):
            raise StoreFailure(
                f"{self.server} answered {method} {path} with something that is no JSON object",
                tip="check that the tracking URI names an MLflow server",
            )
        return answer

    @contextlib.contextmanager
    def open(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a request; the answer, of a 2xx status, to be read within the block.

        ``path`` is quoted already and begins with a slash. A file is sent from where it stands to its end.
        """
        asked = urlencode({name: value for name, value in (query or {}).items() if value is not None}, doseq=True)
        target = f"{self.server}{path}?{asked}" if asked else f"{self.server}{path}"
        request = _Request(method, target, body, self._headers(body, headers or {}), repeatable)
        line, response = self._send(request)
        try:
            yield response
        finally:
            self._connections.give_back(line, reusable=response.isclosed())

    def read(self, response: http.client.HTTPResponse, most: int = LONGEST_JSON) -> bytes:
        """The whole of an answer.

        Raises:
            StoreFailure: it breaks off, or is longer than ``most`` bytes.
        """
        blocks, size = [], 0
        try:
            while block := response.read(_BLOCK):
                blocks.append(block)
                size += len(block)
                if size > most:
                    raise StoreFailure(f"{self.server} sends an answer of more than {most} bytes")
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error
        return b"".join(blocks)

    def close(self) -> None:
        """Close the connections that are kept; the session stays usable."""
        self._connections.close()

    def _headers(self, body: Body | None, given: Mapping[str, str]) -> dict[str, str]:
        headers = {"User-Agent": f"mlpack/{__version__}", "Accept-Encoding": "identity", **given}
        if self._access.authorization:
            headers["Authorization"] = self._access.authorization
        if body is not None:
            headers["Content-Length"] = str(len(body) if isinstance(body, bytes) else _left(body))
        return headers

    def _send(self, request: _Request) -> tuple[Line, http.client.HTTPResponse]:
        """Send until there is an answer of a 2xx status."""
        attempts, redirects, target = _Attempts(), 0, request.target
        start = 0 if request.body is None or isinstance(request.body, bytes) else request.body.tell()
        while True:
            if request.body is not None and not isinstance(request.body, bytes):
                request.body.seek(start)
            try:
                line, response = self._connections.exchange(
                    request.method, urlsplit(target), _announced(request), request.headers
                )
            except (OSError, http.client.HTTPException) as error:
                if not self._may_send_again(request, error, attempts):
                    raise self._unreachable(error) from error
                continue
            if 200 <= response.status < 300:
                return line, response
            try:
                if response.status in REDIRECTS:
                    redirects += 1
                    target = self._redirected(request, target, response, redirects)
                elif not self._may_ask_again(request, response, attempts):
                    raise refusal(self.server, response.status, self.read(response))
            finally:
                self._connections.give_back(line, reusable=response.isclosed())

    def _may_send_again(self, request: _Request, error: Exception, attempts: _Attempts) -> bool:
        if _is_about_certificates(_cause(error)):  # which do not become right by asking again
            return False
        if isinstance(error, Unsent):
            return attempts.wait(most=MOST_CONNECTS)
        return request.repeatable and attempts.wait()

    def _may_ask_again(self, request: _Request, response: http.client.HTTPResponse, attempts: _Attempts) -> bool:
        again = TRANSIENT if request.repeatable else NOT_ACTED_UPON
        return response.status in again and attempts.wait(response.getheader("Retry-After"))

    def _redirected(self, request: _Request, target: str, response: http.client.HTTPResponse, count: int) -> str:
        """Where a redirect leads: only to the same server, or to the same host with TLS, and only as what it was."""
        location = urljoin(target, response.getheader("Location") or "")
        to = urlsplit(location)
        same = (to.scheme, to.netloc) == (self._origin.scheme, self._origin.netloc)
        secured = to.hostname == self._origin.hostname and (self._origin.scheme, to.scheme) == ("http", "https")
        named = to._replace(netloc=to.netloc.rpartition("@")[2], query="", fragment="").geturl()
        if not same and not secured:
            raise StoreFailure(
                f"{self.server} redirects to {named}, another server, which is not given your credentials",
                tip="set the tracking URI to the server that is meant",
            )
        if (response.status < 307 and request.method not in ("GET", "HEAD")) or count > MOST_REDIRECTS:
            raise StoreFailure(
                f"{self.server} redirects {request.method} to {named}", tip="set the tracking URI to where it leads"
            )
        return location

    def _unreachable(self, error: Exception) -> StoreFailure:
        cause = _cause(error)
        tip = CERTIFICATES if _is_about_certificates(cause) else "check the tracking URI and that the server runs"
        return StoreFailure(f"{self.server} cannot be reached ({cause})", tip=tip)


def _cause(error: Exception) -> BaseException | None:
    return error.__cause__ if isinstance(error, Unsent) else error


def _is_about_certificates(cause: BaseException | None) -> bool:
    """Whether one side does not trust the other, or wants a certificate; since TLS 1.3 the first answer says that."""
    return isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError)


def _seconds(told: str) -> float | None:
    """How long a ``Retry-After`` says to wait, which is a number of seconds or a date; None for anything else."""
    if told.isdecimal():
        return float(told)
    try:
        return max(parsedate_to_datetime(told).timestamp() - time.time(), 0)
    except (ValueError, OverflowError):
        return None


def _announced(request: _Request) -> bytes | Iterator[bytes] | None:
    """The body, of a file only as much as its header says: one that grows, as a log does, would be no valid request."""
    if request.body is None or isinstance(request.body, bytes):
        return request.body
    return _beginning(request.body, int(request.headers["Content-Length"]))


def _beginning(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        block = file.read(min(size, _BLOCK))
        if not block:
            raise StoreFailure("a file became shorter while it was sent")
        size -= len(block)
        yield block


def _left(file: BinaryIO) -> int:
    start = file.tell()
    end = file.seek(0, 2)
    file.seek(start)
    return end - start
