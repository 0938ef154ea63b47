"""``POST /invocations``: the way of one request to predict through the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from time import perf_counter

from starlette.types import Receive, Scope, Send

from mlpack.payloads.media import media_type
from mlpack_serving import streaming
from mlpack_serving.batching import Batcher
from mlpack_serving.body import Body, Room, content_encoding
from mlpack_serving.errors import CLOSE, JSON_HEADERS, NOSNIFF, ClientGone, Problem, report
from mlpack_serving.exchange import SCOPE, Exchange, Run
from mlpack_serving.metrics import Metrics
from mlpack_serving.runtime import Runtime
from mlpack_serving.scoring import Answer, Request, Scorer, Stream
from mlpack_serving.settings import Settings


class Invocations:
    """An ASGI application: reads a request within its limits, has it answered, and tells what went wrong as JSON."""

    def __init__(
        self, scorer: Scorer, runtime: Runtime, batcher: Batcher, settings: Settings, metrics: Metrics
    ) -> None:
        self._metrics = metrics
        self._scorer = scorer
        self._runtime = runtime
        self._batcher = batcher
        self._settings = settings
        self._room = Room(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = dict(scope["headers"])
        exchange: Exchange = scope[SCOPE]
        body = Body(headers, receive, self._settings)
        limit = self._settings.error_bytes
        with self._room.part() as take:
            try:
                request = await _read(headers, body, take)
                answer = await body.answered(self._predict(request, exchange))
            except ClientGone:
                return
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  every error becomes an answer
                await refuse(report(error, exchange), body, send, limit)
                return
        if isinstance(answer, Stream):
            await streaming.respond(answer, self._runtime, limit, receive, send, exchange)
        else:
            await _respond(send, 200, [(b"content-type", answer.content_type.encode()), NOSNIFF], answer.body)

    async def _predict(self, request: Request, exchange: Exchange) -> Answer | Stream:
        self._batcher.check_room()
        if self._scorer.is_plain(request):
            payload = self._scorer.read(request.body, request.content_type)
            return Answer(await self._batcher.answer(payload, exchange))
        exchange.queued = perf_counter()
        run = Run()
        try:
            return await self._runtime.run(partial(self._scorer.answer, request, run))
        finally:
            exchange.rows = run.rows
            if run.ended:
                self._metrics.ran(run, [exchange])


async def _read(headers: dict[bytes, bytes], body: Body, take: Callable[[int], None]) -> Request:
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    media_type(content_type)  # refuses what is not read here (forms, above all) before the body is read
    encoding = content_encoding(headers)
    accept = headers.get(b"accept", b"").decode("latin-1")
    return Request(await body.read(take), content_type, encoding, accept)


async def refuse(problem: Problem, body: Body, send: Send, limit: int) -> None:
    """Answer with what went wrong, in a message of at most ``limit`` bytes. A body that has not come is not awaited:
    the connection is closed behind the answer."""
    headers = [*JSON_HEADERS, *problem.headers]
    content = problem.json(limit)
    if body.complete:
        await _respond(send, problem.status, headers, content)
        return
    await _respond(send, problem.status, [*headers, CLOSE], content, more=True)
    await body.linger()
    await send({"type": "http.response.body"})


async def _respond(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes, *, more: bool = False
) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": more})
