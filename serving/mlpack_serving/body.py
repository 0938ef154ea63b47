"""Reading a request's body within its limits: from its declared length, while it comes, and after decompression."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from starlette.types import Receive

from mlpack.errors import LimitExceeded, MalformedPayload, UnsupportedMediaType
from mlpack_serving.errors import ClientGone, Overloaded
from mlpack_serving.settings import Settings

#: How long a client that is refused may go on sending, so that it gets to read why.
_LINGER_SECONDS = 5.0
_ENCODINGS = ("gzip", "deflate", "identity")
# zlib's names for the containers: gzip, zlib, and deflate without one (which some clients send as "deflate").
_GZIP, _ZLIB, _RAW = 31, 15, -15


#: How many bodies of the largest size may be in memory together: 1 GiB, unless --max-body-bytes says otherwise.
_LARGEST = 16

T = TypeVar("T")


class Room:
    """The memory of a process for bodies that have come and are not answered yet."""

    def __init__(self, settings: Settings) -> None:
        self._limit = _LARGEST * settings.body_bytes
        self._used = 0

    @contextmanager
    def part(self) -> Iterator[Callable[[int], None]]:
        """For one body: what is given is called with the size of each piece, and raises Overloaded where there is no
        room for it. On leaving, nothing of the body is needed any more."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            if self._used + size > self._limit:
                raise Overloaded(f"requests of {self._used} bytes wait", option="--max-body-bytes")
            self._used += size
            taken += size

        try:
            yield take
        finally:
            self._used -= taken


class Body:
    """The body of one request; ``complete`` says whether all of it has been read."""

    def __init__(self, headers: Mapping[bytes, bytes], receive: Receive, settings: Settings) -> None:
        self._headers = headers
        self._receive = receive
        self._limit = settings.body_bytes
        self.complete = False

    async def read(self, take: Callable[[int], None]) -> bytes:
        """All bytes as they were sent; ``take`` is called with the size of each piece, see :meth:`Room.part`.

        Raises:
            LimitExceeded: there are more than the settings allow; nothing is read if the header says so already.
            Overloaded: there is no room for them.
            ClientGone: the client left first.
        """
        declared = self._headers.get(b"content-length")
        if declared is not None:
            self._check(int(declared))  # the parser took digits only
        chunks: list[bytes] = []
        size = 0
        while not self.complete:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk = message.get("body", b"")
            self.complete = not message.get("more_body", False)
            size += len(chunk)
            self._check(size)
            take(len(chunk))
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def answered(self, work: Coroutine[Any, Any, T]) -> T:
        """What ``work`` returns, once all has been read; if the client goes away first, it is cancelled.

        Raises:
            ClientGone: nobody waits for it any more.
        """
        working = asyncio.ensure_future(work)
        left = asyncio.ensure_future(client_left(self._receive))
        left.add_done_callback(lambda _: working.cancel())
        try:
            return await working
        except asyncio.CancelledError:
            if left.done():
                raise ClientGone from None
            raise
        finally:
            left.cancel()

    async def linger(self) -> None:
        """Throw away what a client still sends: closing a connection before it was read could destroy the answer."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._discard(), _LINGER_SECONDS)

    async def _discard(self) -> None:
        while not self.complete:
            message = await self._receive()
            self.complete = not message.get("more_body", False)

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise LimitExceeded("the body, in bytes,", limit=self._limit, got=size, option="--max-body-bytes")


async def client_left(receive: Receive) -> None:
    """Wait until the client of a request that has come goes away."""
    while (await receive())["type"] != "http.disconnect":
        pass


def content_encoding(headers: Mapping[bytes, bytes]) -> str:
    """``gzip``, ``deflate`` or ``identity``; raises UnsupportedMediaType for any other ``Content-Encoding``."""
    encoding = headers.get(b"content-encoding", b"").decode("latin-1").strip().lower() or "identity"
    if encoding not in _ENCODINGS:
        raise UnsupportedMediaType(encoding, supported=_ENCODINGS)
    return encoding


def decompress(body: bytes, encoding: str, settings: Settings) -> bytes:
    """The bytes that a body stands for, never more than the settings allow in memory.

    Raises:
        LimitExceeded: it grows beyond the size or the ratio of the settings.
        MalformedPayload: it is not what its ``Content-Encoding`` says, is cut off, or has something behind it.
    """
    if encoding == "identity" or not body:
        return body
    window = _GZIP
    if encoding == "deflate":
        window = _ZLIB if body[0] & 0x0F == zlib.DEFLATED else _RAW
    by_ratio = int(len(body) * settings.body_ratio)
    limit = min(settings.body_bytes, by_ratio)
    stream = zlib.decompressobj(window)
    try:
        data = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise MalformedPayload(f"the body is not {encoding}, which Content-Encoding says it is") from error
    if len(data) > limit:
        if limit == by_ratio:
            raise LimitExceeded("the ratio of decompression", limit=int(settings.body_ratio), option="--max-body-ratio")
        raise LimitExceeded("the decompressed body, in bytes,", limit=limit, option="--max-body-bytes")
    if not stream.eof or stream.unused_data:
        raise MalformedPayload(f"the {encoding} body is cut off, or something follows it")
    return data
