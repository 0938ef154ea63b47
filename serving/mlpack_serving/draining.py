"""uvicorn's server, ended without losing a request: what was accepted is answered, and the exit is a success."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import islice
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from mlpack_serving.protocol import protocol_for
from mlpack_serving.settings import Settings

if TYPE_CHECKING:
    from mlpack_serving.app import ScoringApp

#: How many connections are taken in one turn of the loop, beside the one that libuv takes.
_BURST = 64
#: How often, in seconds, a server says that it is alive (to what supervises it).
BEAT_SECONDS = 2


class DrainingServer(uvicorn.Server):
    """Answers with ``app`` until a signal.

    ``ready`` is called once it listens, and ``beat`` every :data:`BEAT_SECONDS` while the loop turns.
    """

    def __init__(
        self,
        app: ScoringApp,
        settings: Settings,
        ready: Callable[[], None] = lambda: None,
        beat: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        config = uvicorn.Config(
            app,
            http=protocol_for(settings, app.lane, self._connected),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=settings.keep_alive,
            timeout_graceful_shutdown=settings.drain_timeout,
            callback_notify=beat,
            timeout_notify=BEAT_SECONDS,
        )
        super().__init__(config)
        self._ready = ready
        self._spares: list[socket.socket] = []
        self._accepting = False
        self._taking: set[asyncio.Future[None]] = set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain; a second SIGINT does not wait. Unlike uvicorn's, does not end by the signal itself."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen on sockets that are bound already, and to answer."""
        self._spares = [listener.dup() for listener in sockets or []]
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, take over what waits to be accepted, answer all of it, close.

        Closing a listening socket resets the connections in its queue; a duplicate keeps it open until the queue is
        empty.
        """
        for server in self.servers:
            server.close()
        await asyncio.sleep(0.05)  # the event loop lets go of its own descriptors in a later turn
        spares, self._spares = self._spares, []
        for spare in spares:  # is closed at the instant at which none waits there
            for connection in _waiting(spare):
                await self._take(connection)
            spare.close()
        await super().shutdown(sockets)

    def _connected(self) -> None:
        """See, in the next turn of the loop, whether more connections wait to be accepted.

        libuv accepts one in each turn (since 1.45): of some hundreds that come at once the last would wait for seconds
        while the first are served.
        """
        if not self._accepting:
            self._accepting = True
            asyncio.get_running_loop().call_soon(self._accept)

    def _accept(self) -> None:
        self._accepting = False
        for spare in self._spares:
            for connection in islice(_waiting(spare), _BURST):
                task = asyncio.ensure_future(self._take(connection))
                self._taking.add(task)
                task.add_done_callback(self._taking.discard)

    async def _take(self, connection: socket.socket) -> None:
        await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        protocol: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        return protocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)


def _waiting(listener: socket.socket) -> Iterator[socket.socket]:
    """The connections that wait to be accepted."""
    with suppress(OSError):  # none does, or none can be taken now
        while True:
            yield listener.accept()[0]
