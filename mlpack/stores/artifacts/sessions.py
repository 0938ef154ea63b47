"""Which server is shown our credentials: the tracking server that is configured, and no other."""

from __future__ import annotations

import ssl
from urllib.parse import SplitResult, unquote, urlsplit

from mlpack.errors import InvalidArgument
from mlpack.stores.rest.access import Access, basic
from mlpack.stores.rest.session import Session

_TIP = "set MLFLOW_TRACKING_URI to the server that these files belong to"


def session_for(uri: str, store: str | None) -> Session:
    """A session with the server at an http(s) URI; ``store`` is the tracking URI, if one is known."""
    target = urlsplit(uri)
    if store is not None and _origin(urlsplit(store)) == _origin(target):
        server = urlsplit(store)
        return Session(uri, Access.from_environment(server if server.username else target))
    authorization = basic(unquote(target.username), unquote(target.password or "")) if target.username else None
    return Session(uri, Access(authorization, ssl.create_default_context() if target.scheme == "https" else None))


def proxy_of(uri: str, store: str | None) -> str:
    """The server that an ``mlflow-artifacts:`` URI means: the tracking server, unless it names another host.

    Raises:
        InvalidArgument: it names none, and there is no tracking server.
    """
    named, server = urlsplit(uri), urlsplit(store or "")
    known = server.scheme in ("http", "https")
    if not named.netloc and not known:
        raise InvalidArgument(f"{uri!r} names no host, and the store is not a tracking server", tip=_TIP)
    if not named.netloc:
        return str(store)
    scheme, path = (server.scheme, server.path) if known else ("http", "")
    return SplitResult(scheme, named.netloc, path, "", "").geturl()


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
