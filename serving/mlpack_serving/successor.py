"""Reloading in a server that is one process: when a trial has shown that a new version is good, it starts itself anew.

It first answers what it accepted. The socket stays open, so that connections that come meanwhile wait for the new
server, which is this process with another program. How the socket is handed over is systemd's protocol (sd_listen_fds).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import asdict

from mlpack_serving.draining import DrainingServer
from mlpack_serving.listening import hand_over
from mlpack_serving.reloading import Reloading
from mlpack_serving.trial import TRIED, Found

#: How often it is seen what has become of the trial, in seconds.
_LOOK_SECONDS = 0.1


class Successor:
    """What takes the place of ``server`` on SIGHUP, if ``reloading`` finds that it is good."""

    def __init__(self, server: DrainingServer, reloading: Reloading) -> None:
        self._server = server
        self._reloading = reloading
        self._found = Found()
        self._looking: asyncio.Task[None] | None = None
        if hasattr(signal, "SIGHUP"):  # not on Windows
            server.signals[signal.SIGHUP] = self._ask

    def _ask(self) -> None:
        self._reloading.hang_up(self._server.end)
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        try:
            while self._reloading.busy and not self._server.hands_over:
                if (found := self._reloading.step()) is not None:
                    self._found = found
                    self._server.hand_over()
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            self._looking = None
            self._reloading.close()

    def take_over(self) -> None:
        """Start anew with the server's socket, if that is what it has ended for."""
        if self._server.hands_over:
            given = hand_over(self._server.listeners[0]) | {TRIED: json.dumps(asdict(self._found))}
            os.execve(sys.executable, sys.orig_argv, os.environ | given)  # noqa: S606  this very command
