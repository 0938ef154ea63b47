"""What is told of every request, whichever way it takes: its headers, its counters."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mlpack_serving.exchange import REQUEST_ID, SCOPE, Exchange, Marks
from mlpack_serving.logs import AccessLog
from mlpack_serving.metrics import Metrics
from mlpack_serving.provenance import Provenance
from mlpack_serving.settings import Settings
from mlpack_serving.tracing import Tracing

INVOCATIONS, HEALTH = "/invocations", "/health"
_TIMING = b"server-timing"
#: The status of a request whose client left before its answer, as nginx has it.
CLIENT_LEFT = 499
#: The status of a request without a key: nothing is told of the model.
STRANGER = 401
_FAILED = 500


class Observer:
    """Begins and finishes exchanges. ``routes`` are the paths that are told apart; any other is ``other``.

    A second path for predictions or health counts as the first.
    """

    def __init__(self, metrics: Metrics, routes: Sequence[str], model: Provenance, settings: Settings) -> None:
        self.metrics = metrics
        self.begin = metrics.begin
        self.model = model
        self.routes = ("other", *routes)
        self._route_at = {route: at for at, route in enumerate(self.routes)}
        self.predictions = self._route_at[INVOCATIONS]
        self._route_at[settings.predict_route] = self.predictions
        self._route_at[settings.health_route] = self.route(HEALTH)
        #: What traces requests, where that is wanted: set in each process, after the fork.
        self.tracing: Tracing | None = None
        self._log: AccessLog | None = None
        if settings.access_log != "off":
            self._log = AccessLog(self.routes, settings.log_format, everything=settings.access_log == "all")

    def route(self, path: str) -> int:
        """The number of the route at a path."""
        return self._route_at.get(path, 0)

    def finish(self, exchange: Exchange, code: int) -> None:
        """A request was answered with this status."""
        seconds = self.metrics.finish(exchange, code)
        if self._log is not None:
            self._log.add(exchange, code, seconds)
        if self.tracing is not None:
            self.tracing.add(exchange, self.routes[exchange.route], code, seconds)

    def headers(self, exchange: Exchange, code: int) -> list[tuple[bytes, bytes]]:
        """What its answer says of it, and of the model where that was asked by somebody who may know."""
        told = exchange.route == self.predictions and code != STRANGER
        headers = [*self.model.headers] if told else []
        headers.append((REQUEST_ID, exchange.request_id))
        return [*headers, (_TIMING, exchange.timing())] if exchange.run else headers


class Observed:
    """An ASGI application, observed."""

    def __init__(self, app: ASGIApp, observer: Observer) -> None:
        self._app = app
        self._observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        observer = self._observer
        exchange = Exchange(observer.route(scope["path"]), Marks.of(scope["headers"]))
        scope[SCOPE] = exchange
        status = CLIENT_LEFT

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], *observer.headers(exchange, status)]}
            await send(message)

        observer.begin()
        try:
            await self._app(scope, receive, answer)
        except BaseException:
            status = _FAILED
            raise
        finally:
            observer.finish(exchange, status)
