"""Connections to servers, kept while they live; through a proxy where the environment names one."""

from __future__ import annotations

import contextlib
import http.client
import os
import select
import ssl
import threading
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from mlpack.errors import InvalidArgument
from mlpack.stores.rest.access import basic

_BLOCK = 1 << 20
_Key = tuple[int, str, str]


class Unsent(OSError):
    """There was no connection, so nothing of the request was sent; the cause is chained."""


@dataclass
class Line:
    """A connection to a server, or to a proxy on the way, which wants whole addresses and headers of its own."""

    key: _Key
    connection: http.client.HTTPConnection
    through_proxy: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_alive(self) -> bool:
        """Whether the other side has not closed it: nothing may be readable before something was asked."""
        return self.connection.sock is not None and not select.select([self.connection.sock], [], [], 0)[0]


class Connections:
    """Idle connections by process and server; one that the server closed meanwhile is not used again."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._idle: dict[_Key, list[Line]] = {}
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._idle)

    def exchange(
        self, method: str, target: SplitResult, body: bytes | Iterator[bytes] | None, headers: Mapping[str, str]
    ) -> tuple[Line, http.client.HTTPResponse]:
        """Send one request and receive the head of its answer; the line is to be given back.

        Raises:
            Unsent: no connection could be made.
            OSError, HTTPException: it broke after that.
        """
        line = self._take(target)
        asked = target._replace(fragment="") if line.through_proxy else target._replace(scheme="", netloc="")
        try:
            line.connection.request(method, asked.geturl(), body=body, headers={**headers, **line.headers})
            return line, line.connection.getresponse()
        except BaseException:
            line.connection.close()
            raise

    def give_back(self, line: Line, *, reusable: bool) -> None:
        """Keep a line whose answer was read to its end, close another."""
        if not reusable or line.connection.sock is None:
            line.connection.close()
            return
        with self._lock:
            self._idle.setdefault(line.key, []).append(line)

    def close(self) -> None:
        """Close all that are idle."""
        with self._lock:
            _close_all(self._idle)

    def _take(self, target: SplitResult) -> Line:
        # A process that was forked must not talk over its parent's connections.
        key = (os.getpid(), target.scheme, target.netloc)
        with self._lock:
            idle = self._idle.setdefault(key, [])
            while idle:
                line = idle.pop()
                if line.is_alive:
                    return line
                line.connection.close()
        line = self._line(key, target)
        try:
            line.connection.connect()
        except (OSError, http.client.HTTPException) as error:
            line.connection.close()
            raise Unsent(str(error)) from error
        return line

    def _line(self, key: _Key, target: SplitResult) -> Line:
        host = target.hostname or ""
        proxy = None if proxy_bypass(target.netloc.rpartition("@")[2]) else getproxies().get(target.scheme)
        if not proxy:
            return Line(key, self._connection(target.scheme, host, target.port))
        via = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        headers = (
            {"Proxy-Authorization": basic(unquote(via.username), unquote(via.password or ""))} if via.username else {}
        )
        if target.scheme == "http":
            return Line(key, self._connection(via.scheme, via.hostname or "", via.port), True, headers)
        # The TLS within the tunnel is that of the server; the way to the proxy is plain.
        connection = self._connection("https", via.hostname or "", via.port or 80)
        connection.set_tunnel(host, target.port or 443, headers)
        return Line(key, connection)

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        timeout = setting("MLFLOW_HTTP_REQUEST_TIMEOUT", 120) or None
        connection = (
            http.client.HTTPSConnection(host, port, timeout=timeout, context=self._tls, blocksize=_BLOCK)
            if scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=timeout, blocksize=_BLOCK)
        )
        connection.response_class = _Whole
        return connection


class _Whole(http.client.HTTPResponse):
    """An answer that notices when less comes than was announced, also where it is read piece by piece."""

    def read(self, amt: int | None = None) -> bytes:
        content = super().read(amt)
        if amt and not content and self.length:
            raise http.client.IncompleteRead(b"", self.length)
        return content


def setting(name: str, default: float) -> float:
    """A number of at least 0 from the environment."""
    text = os.environ.get(name, "")
    with contextlib.suppress(ValueError):
        value = float(text) if text else default
        if 0 <= value < float("inf"):
            return value
    raise InvalidArgument(f"{name} is {text!r}, and must be a number of at least 0")


def _close_all(idle: dict[_Key, list[Line]]) -> None:
    for lines in idle.values():
        while lines:
            lines.pop().connection.close()
