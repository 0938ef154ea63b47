"""Answers that come piece by piece, as server-sent events.

The convention is that of MLflow's agent server: a frame ``data: {json}`` for each piece, then ``data: [DONE]``. What
fails after the first piece is a frame ``{"error": {"error_code", "message"}}``, because the status is sent by then.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

import orjson
from starlette.types import Receive, Send

from mlpack_serving.body import client_left
from mlpack_serving.errors import NOSNIFF, DeadlineExceeded, report
from mlpack_serving.exchange import Exchange
from mlpack_serving.runtime import Runtime
from mlpack_serving.scoring import EVENT_STREAM, Stream

_HEADERS = [(b"content-type", f"{EVENT_STREAM}; charset=utf-8".encode()), (b"cache-control", b"no-cache"), NOSNIFF]
_END = b"[DONE]"


async def respond(
    stream: Stream, runtime: Runtime, error_bytes: int, receive: Receive, send: Send, exchange: Exchange
) -> None:
    """Send a stream to its end, or until the client goes away, which ends the model's generator too.

    Each piece is made in a worker thread and has the whole timeout of a prediction; between two pieces the thread
    answers others.
    """
    left = asyncio.ensure_future(client_left(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        try:
            piece = stream.first
            while piece is not None and not left.done():
                await _frame(send, piece)
                piece = await runtime.run(partial(next, stream.rest, None))
            await _frame(send, _END)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  every error becomes a frame
            told = report(error, exchange).content(error_bytes) | {"request_id": exchange.request_id.decode()}
            await _frame(send, orjson.dumps({"error": told}))
        await send({"type": "http.response.body"})
    finally:
        left.cancel()
        # The generator may still be running, after a missed deadline or at the server's end: it ends when dropped.
        with suppress(DeadlineExceeded, ValueError, asyncio.CancelledError):
            await runtime.run(stream.rest.close)


async def _frame(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": b"data: %s\n\n" % data, "more_body": True})
