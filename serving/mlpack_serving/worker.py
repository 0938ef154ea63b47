"""A process that answers requests, and obeys nobody but its supervisor."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker as GunicornWorker

from mlpack.errors import MlpackError
from mlpack_serving.draining import DrainingServer
from mlpack_serving.reloading import reloaded
from mlpack_serving.server import announce
from mlpack_serving.shared import Pulse
from mlpack_serving.supervisor import END, FOR_ALL, LEAVE

if TYPE_CHECKING:
    from mlpack_serving.app import ScoringApp

logger = logging.getLogger("mlpack_serving")

#: How often a worker gives a sign of life, in seconds.
_BEAT_SECONDS = 0.5
#: What is left to requests, in seconds, when the supervisor is gone.
_ORPHAN_SECONDS = 3.0
_PR_SET_PDEATHSIG = 1  # of linux/prctl.h


class Worker(GunicornWorker):  # type: ignore[misc]  # gunicorn has no types
    """One worker: made by the supervisor, which keeps its ``pulse`` and the ``block`` that it counts in, and run in a
    process of its own."""

    wsgi: ScoringApp

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.pulse = Pulse.shared()
        self.block = self.app.metrics.take()
        self.generation: int = self.app.served.generation

    def init_signals(self) -> None:
        """Forget the supervisor's handlers. Until it answers, a worker that is told to leave does so at once."""
        for each in self.SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        for each in FOR_ALL:
            signal.signal(each, signal.SIG_IGN)
        for each in (END, LEAVE):
            signal.signal(each, lambda *_: os._exit(0))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (END, LEAVE, *FOR_ALL))

    def load_wsgi(self) -> None:
        """Load the model, if the supervisor has not; what goes wrong ends the server, if none has answered yet."""
        _die_with_the_supervisor(signal.SIGKILL)
        try:
            super().load_wsgi()
        except Exception as error:
            told = isinstance(error, MlpackError)
            logger.error("%s; %s", error, getattr(error, "tip", ""), exc_info=None if told else error)
            sys.exit(1 if self.app.established else Arbiter.APP_LOAD_ERROR)
        _die_with_the_supervisor(0)

    def run(self) -> None:
        """Answer until told to stop, or until the supervisor is gone."""
        self.app.metrics.attach(self.block)
        self._address = self.sockets[0].getsockname()
        self._server = DrainingServer(self.wsgi, self.app.settings, self._ready)
        self._server.closed = self._closed
        self._server.signals = {END: self._server.end, LEAVE: self._leave}
        self.wsgi.health.trouble = self.app.notice.read
        self.wsgi.runtime.pulse = self.pulse
        self.wsgi.runtime.on_stuck = self._leave
        self.wsgi.reload = partial(reloaded, partial(os.kill, self.ppid, signal.SIGHUP), self.app.reloading.outcome)
        self._server.run(sockets=self.sockets)

    def _ready(self) -> None:
        if self.age == 1:  # the first says it for all
            announce(self.app.served.folder, self._address, self.app.access)
        self._beat()

    def _closed(self) -> None:
        self.pulse.closed = time.monotonic()

    def _beat(self) -> None:
        self.pulse.turn()
        if os.getppid() != self.ppid:
            self._server.leave(_ORPHAN_SECONDS)
        asyncio.get_running_loop().call_later(_BEAT_SECONDS, self._beat)

    def _leave(self) -> None:
        """Answer what was accepted, and end; another takes the place of this one."""
        if not self.pulse.leaving:
            self.app.metrics.replaced()
        self.pulse.leaving = self.pulse.leaving or self.pulse.beat
        self._server.hand_over()


def _die_with_the_supervisor(sig: int) -> None:
    """Have the system send a signal when the supervisor ends, 0 for none; where it can, which is Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, sig)
