"""uvicorn's server, ended without losing a request: what was accepted is answered, and the exit is a success."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from mlpack_serving.protocol import protocol_for
from mlpack_serving.settings import Settings

if TYPE_CHECKING:
    from mlpack_serving.app import ScoringApp

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
            http=protocol_for(settings, app.lane),
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
        waiting = [connection for spare in self._spares for connection in _sweep(spare)]
        loop = asyncio.get_running_loop()
        for connection in waiting:
            await loop.connect_accepted_socket(self._protocol, connection)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        protocol: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        return protocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)


def _sweep(listener: socket.socket) -> list[socket.socket]:
    """The connections that wait to be accepted; closes ``listener`` at the instant at which none does."""
    waiting = []
    while True:
        try:
            waiting.append(listener.accept()[0])
        except BlockingIOError:
            listener.close()
            return waiting
