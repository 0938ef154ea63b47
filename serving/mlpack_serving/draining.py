"""uvicorn's server, ended without losing a request: what was accepted is answered, and the exit is a success."""

from __future__ import annotations

import asyncio
import math
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from mlpack_serving.listening import hear, stop_connecting, waiting
from mlpack_serving.protocol import protocol_for
from mlpack_serving.settings import Settings
from mlpack_serving.tls import secured

if TYPE_CHECKING:
    from mlpack_serving.app import ScoringApp

#: How many connections are taken in one turn of the loop, beside the one that libuv takes.
_BURST = 64
#: How long, in seconds, a connection may take to be made that is being made when the server stops listening.
_HANDSHAKE_SECONDS = 0.1
#: How long, in seconds, it may take to tell clients that they are not answered any more.
_TELLING_SECONDS = 0.5
#: What is left to requests, in seconds, when the end is asked for a second time.
HURRY_SECONDS = 1.0


class DrainingServer(uvicorn.Server):
    """Answers with ``app`` until a signal; ``ready`` is called once it listens."""

    def __init__(self, app: ScoringApp, settings: Settings, ready: Callable[[], None] = lambda: None) -> None:
        config = uvicorn.Config(
            app,
            http=secured(protocol_for(settings, app.lane, self._connected), app.access.certificates),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=settings.keep_alive,
        )
        super().__init__(config)
        #: What each signal does.
        self.signals: dict[signal.Signals, Callable[[], None]] = {
            signal.SIGTERM: self.end,
            signal.SIGINT: self.end,
        }
        self._health = app.health
        self._settings = settings
        self._ready = ready
        self._closes = self._until = math.inf  # when it stops accepting, and answering
        #: Called once it has stopped accepting.
        self.closed: Callable[[], None] = lambda: None
        #: Whether another takes the place of this server, and its ``listeners``.
        self.hands_over = False
        self.listeners: list[socket.socket] = []
        self._accepting = False
        self._taking: set[asyncio.Future[None]] = set()

    def end(self) -> None:
        """Begin to end: be ready no more, but go on accepting for the lame-duck period. The second time: hurry."""
        if self._health.draining:
            self.leave(HURRY_SECONDS)
        else:
            self._health.draining = True
            self.leave(self._settings.drain_timeout, self._settings.lame_duck)

    def leave(self, seconds: float, accepting: float = 0) -> None:
        """Stop accepting after so many seconds, and answering so many ``seconds`` from now."""
        self.hands_over = False
        now = time.monotonic()
        self._closes = min(self._closes, now + accepting, now + seconds)
        self._until = min(self._until, now + seconds)

    def hand_over(self) -> None:
        """Leave, but not what waits to be accepted: that is for who takes the place of this server, unless it ends."""
        ends = self._closes < math.inf and not self.hands_over
        self.leave(self._settings.drain_timeout)
        self.hands_over = not ends

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Have signals do what :attr:`signals` says. Unlike uvicorn's, does not end by the signal itself.

        Outside the main thread, where Python handles none, the server is ended by ``should_exit``.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in self.signals}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Do what a signal says."""
        self.signals[signal.Signals(sig)]()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen on sockets that are bound already, and to answer."""
        self.listeners = [listener.dup() for listener in sockets or []]
        await super().startup(sockets)
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to stop accepting."""
        return await super().on_tick(counter) or time.monotonic() >= self._closes

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, take over what waits to be accepted, answer all of it, close."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        await asyncio.sleep(0.05)  # the event loop lets go of its own descriptors in a later turn
        await self._stop_listening()
        self.closed()
        self._ask_to_end()
        await self._finish()
        await self.lifespan.shutdown()

    async def _stop_listening(self) -> None:
        """Unless another takes the place of this server, see to it that no connection is reset because none accepts."""
        if self.hands_over:
            return
        for listener in self.listeners:
            stop_connecting(listener)
        await asyncio.sleep(_HANDSHAKE_SECONDS)
        listeners, self.listeners = self.listeners, []
        for listener in listeners:
            connections = list(waiting(listener))
            listener.close()  # which would reset what waits
            for connection in connections:
                await self._take(connection)

    def _ask_to_end(self) -> None:
        for connection in list(self.server_state.connections):
            connection.shutdown()

    async def _finish(self) -> None:
        """Answer what was accepted; who would have to wait too long is told so."""
        state = self.server_state
        while (state.connections or state.tasks) and time.monotonic() < self._until:
            await asyncio.sleep(0.05)
            if self.listeners and not self.hands_over:  # none takes its place after all
                await self._stop_listening()
                self._ask_to_end()
        for task in list(state.tasks):
            task.cancel("the server ends")
        told = time.monotonic() + _TELLING_SECONDS
        while state.tasks and time.monotonic() < told:
            await asyncio.sleep(0.02)

    def _connected(self, connection: socket.socket) -> None:
        """See, in the next turn of the loop, whether more connections wait to be accepted.

        libuv accepts one in each turn (since 1.45): of some hundreds that come at once the last would wait for seconds
        while the first are served.
        """
        if self._closes < math.inf:
            hear(connection)
        if not self._accepting:
            self._accepting = True
            asyncio.get_running_loop().call_soon(self._accept)

    def _accept(self) -> None:
        self._accepting = False
        for spare in self.listeners:
            for connection in islice(waiting(spare), _BURST):
                task = asyncio.ensure_future(self._take(connection))
                self._taking.add(task)
                task.add_done_callback(self._taking.discard)

    async def _take(self, connection: socket.socket) -> None:
        await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        protocol: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        return protocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
