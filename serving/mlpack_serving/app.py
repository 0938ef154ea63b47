"""The ASGI application that serves one model: its routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from mlpack import __version__
from mlpack.payloads import JSON
from mlpack.pyfunc import PyFuncModel
from mlpack_serving.access import CONTROL, Access
from mlpack_serving.batching import Batcher
from mlpack_serving.errors import JSON_HEADERS, logger, report
from mlpack_serving.exchange import SCOPE
from mlpack_serving.exposition import CONTENT_TYPE, expose
from mlpack_serving.gate import guarded
from mlpack_serving.health import Health
from mlpack_serving.invocations import Invocations
from mlpack_serving.lane import Lane
from mlpack_serving.metrics import Metrics
from mlpack_serving.observer import INVOCATIONS, Observed, Observer
from mlpack_serving.openapi import describe
from mlpack_serving.provenance import Provenance
from mlpack_serving.runtime import Runtime
from mlpack_serving.scoring import Scorer
from mlpack_serving.settings import Settings
from mlpack_serving.tracing import start_tracing

_NOSNIFF = {"x-content-type-options": "nosniff"}


class ScoringApp:
    """Serves ``model``: POST of ``/invocations``; GET and HEAD of the others.

    ``access`` and ``metrics`` are given where several processes share them; else the settings say who may ask, and it
    counts for itself alone.
    """

    def __init__(
        self,
        model: PyFuncModel,
        settings: Settings,
        access: Access | None = None,
        metrics: Metrics | None = None,
        load_seconds: float = 0.0,
    ) -> None:
        self.settings = settings
        self.access = access or Access(settings)
        self.metrics = metrics or Metrics()
        self._model = model
        self.runtime = Runtime(threads=settings.threads, timeout=settings.timeout, metrics=self.metrics)
        self.health = Health(self.runtime)
        #: Has the server look for its package anew; gives what became of it.
        self.reload: Callable[[], Awaitable[dict[str, Any]]] | None = None
        self._scorer = Scorer(model, settings)
        # A user's own code may sleep, wait for a network or run an event loop: it is never called on ours.
        self._batcher = Batcher(
            self._scorer.answer_together,
            self.runtime,
            most_rows=settings.batch_rows if model.row_wise else 1,
            most_waiting=settings.queue,
            inline=model.is_plain,
            metrics=self.metrics,
        )
        self._invocations = Invocations(self._scorer, self.runtime, self._batcher, settings, self.metrics)
        self._predict_paths = {INVOCATIONS, settings.predict_route}
        routes = [
            Route("/live", _live),
            Route("/ping", self._healthy),
            *(Route(path, self._healthy) for path in sorted({"/health", settings.health_route})),
            Route("/ready", self._ready),
            Route("/version", _version),
            Route("/metrics", self._tell_metrics),
            Route("/openapi.json", self._describe),
            *(Route(path, self._invocations, methods=["POST"]) for path in sorted(self._predict_paths)),
        ]
        if self.access.controlled:
            routes.append(Route(f"{CONTROL}reload", self._reload, methods=["POST"]))
        self._routes = Starlette(
            routes=routes, exception_handlers={HTTPException: self._refuse}, lifespan=self._lifespan
        )
        self._routes.router.redirect_slashes = False
        self._description: bytes | None = None
        provenance = Provenance.of(model, settings, load_seconds)
        self._observer = Observer(self.metrics, [route.path for route in routes], provenance, settings)
        self._observed = Observed(guarded(self._route, self.access, settings), self._observer)
        self.lane = Lane(self._scorer, self._batcher, settings, self.access, self._observer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, if it may be asked."""
        await self._observed(scope, receive, send)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Predictions go past the router, which costs as much as a small model."""
        if scope["type"] == "http" and scope["path"] in self._predict_paths and scope["method"] == "POST":
            await self._invocations(scope, receive, send)
        else:
            await self._routes(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Before the first request: predict on the model's example, to have it ready and to know what it costs.

        Not where the model is a user's own code, which may cost or change something when it is tried.
        """
        if self._model.is_plain:
            try:
                example = self._scorer.serving_example()
                if example is not None:
                    self._batcher.measure(self._scorer.read(example, JSON))
            except Exception as error:  # noqa: BLE001  the example may be at fault, and requests will show
                logger.warning("the model does not predict on its own example: %s", error)
        self._observer.tracing = tracing = start_tracing(self._observer.model)
        yield
        if tracing is not None:
            tracing.close()

    async def _healthy(self, request: Request) -> Response:
        """200 while predictions get through, with the body that MLflow sends."""
        return _blank_unless(self.health.illness())

    async def _describe(self, request: Request) -> Response:
        """The description of this server in OpenAPI 3.1."""
        if self._description is None:
            example = self._scorer.serving_example()
            known = None if example is None else orjson.loads(example)
            gaps = self._model.is_plain and await self.runtime.run(self._scorer.takes_gaps)
            routes = [each for each in self._routes.routes if isinstance(each, Route) and CONTROL not in each.path]
            self._description = orjson.dumps(describe(routes, self.access, self._model.metadata, known, gaps=gaps))
        return Response(self._description, headers=_NOSNIFF, media_type="application/json")

    async def _ready(self, request: Request) -> Response:
        """The same, until the server is about to end."""
        return _blank_unless(self.health.unreadiness())

    async def _tell_metrics(self, request: Request) -> Response:
        """The counts of all workers together."""
        text = expose(self.metrics, self._observer.routes, self._observer.model)
        return Response(text, headers=_NOSNIFF | {"content-type": CONTENT_TYPE})

    async def _reload(self, request: Request) -> Response:
        """Look for the package anew: 200 when it is served, 409 where it is not good, and the old still is served."""
        if self.reload is None:
            raise HTTPException(503, "this process cannot reload")
        outcome = await self.reload()
        return JSONResponse(outcome, 409 if outcome["refused"] else 200, headers=_NOSNIFF)

    async def _refuse(self, request: Request, error: Exception) -> Response:
        refusal = cast(HTTPException, error)  # it is registered for nothing else
        allowed = ", ".join(sorted((refusal.headers or {}).get("Allow", "").split(", ")))  # Starlette has a set
        told = HTTPException(refusal.status_code, _explain(refusal, allowed))
        problem = report(told, request.scope[SCOPE])
        headers = {name.decode(): value.decode() for name, value in JSON_HEADERS}
        return Response(
            problem.json(self.settings.error_bytes), problem.status, headers | ({"allow": allowed} if allowed else {})
        )


def _explain(error: HTTPException, allowed: str) -> str:
    """What is wrong, and what to do, where Starlette only names the status."""
    if error.status_code == 404:
        return "there is nothing at this path; send what is to be predicted to POST /invocations"
    return f"this path takes {allowed} only" if error.status_code == 405 else error.detail


async def _live(request: Request) -> Response:
    """200 as long as the process runs."""
    return _blank()


async def _version(request: Request) -> Response:
    """The version of mlpack, as plain text."""
    return Response(__version__, headers=_NOSNIFF, media_type="text/plain")


def _blank_unless(wrong: str) -> Response:
    if wrong:
        raise HTTPException(503, wrong)
    return _blank()


def _blank() -> Response:
    return Response("\n", headers=_NOSNIFF, media_type="application/json")
