"""What stands before the application: who may not pass gets an error, and a page of another origin learns if it may."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mlpack.errors import MlpackError
from mlpack_serving.access import Access
from mlpack_serving.body import Body
from mlpack_serving.errors import report
from mlpack_serving.exchange import MARKS, SCOPE
from mlpack_serving.invocations import refuse
from mlpack_serving.provenance import HEADERS
from mlpack_serving.scoring import PLAIN_BYTES
from mlpack_serving.settings import Settings

#: Headers that a page may send, beside those that any page may, and that it may read.
_SENT = ("authorization", "content-type", "x-api-key", *MARKS)
_READ = ("x-request-id", "retry-after", "retry-after-ms", "server-timing", *HEADERS)


class Gate:
    """Hands requests that :class:`Access` lets pass to ``app``, and answers the others."""

    def __init__(self, app: ASGIApp, access: Access, settings: Settings) -> None:
        self._app = app
        self._access = access
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or answer it with 401, 403 or 429."""
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            try:
                self._access.check(scope["method"], scope["path"], headers)
            except MlpackError as error:
                body = Body(headers, receive, self._settings)
                if _is_small(headers):  # its connection can be kept
                    await body.linger()
                await refuse(report(error, scope[SCOPE]), body, send, self._settings.error_bytes)
                return
        await self._app(scope, receive, send)


def guarded(app: ASGIApp, access: Access, settings: Settings) -> ASGIApp:
    """The application behind as many gates as the settings ask for."""
    if access.needed or access.controlled:
        app = Gate(app, access, settings)
    origins = settings.allowed_origins
    if origins:  # outside, because a browser asks without the key whether it may send it
        app = CORSMiddleware(app, origins, allow_methods=("GET", "POST"), allow_headers=_SENT, expose_headers=_READ)
    return app


def _is_small(headers: Mapping[bytes, bytes]) -> bool:
    return b"transfer-encoding" not in headers and int(headers.get(b"content-length", b"0")) <= PLAIN_BYTES
