"""When the package of a server is looked for anew, and whether what is found may take the place of what is served."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpack.code import forget
from mlpack_serving.shared import Notice
from mlpack_serving.trial import Found

if TYPE_CHECKING:
    from mlpack_serving.metrics import Metrics

logger = logging.getLogger("mlpack_serving")

#: How long a package may take to be fetched, loaded and tried.
_TRIAL_SECONDS = 1800.0
#: How often who asked for a reload looks whether it is over.
_LOOK_SECONDS = 0.1
#: Characters of a reason, at most, that all processes see; the log has all of it.
_REASON = 400


class Trial:
    """A package that is tried by a process of its own: what is wrong with it does no harm here."""

    def __init__(self, uri: str, known: Iterable[str] = ()) -> None:
        isolated = ["-I"] if sys.flags.isolated else []
        command = [sys.executable, *isolated, "-m", "mlpack_serving.trial", uri, *known]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None  # noqa: S101  it is a pipe
        self._out = self._process.stdout.fileno()
        os.set_blocking(self._out, False)
        self._told = b""
        self._until = time.monotonic() + _TRIAL_SECONDS

    def verdict(self) -> Found | None:
        """What became of it; None as long as that is not known."""
        with suppress(BlockingIOError):
            while piece := os.read(self._out, 65536):
                self._told += piece
            self.end()
            try:  # not the exit status, which whoever waits for all children may have taken
                return Found(**json.loads(self._told))
            except ValueError:
                return Found(reason="the process that tried it ended")
        if time.monotonic() < self._until:
            return None
        self.end()
        return Found(reason=f"it could not be tried within {_TRIAL_SECONDS:g} seconds")

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


class Reloading:
    """Looks for the package at ``origin`` when it is asked to, and every ``follow`` seconds if that is not 0."""

    def __init__(
        self, origin: str | PathLike[str], folder: str | PathLike[str], follow: float, metrics: Metrics
    ) -> None:
        self.folder = fspath(folder)
        #: What became of the last reload, as JSON; all processes of the server see it.
        self.outcome = Notice()
        self._origin = fspath(origin)
        self._follow = follow
        self._next = time.monotonic() + follow
        self._refused = ""
        self._asked = self._forced = False
        self._trial: Trial | None = None
        self._switching: Found | None = None
        self._number = 0
        self._metrics = metrics
        self._in_terminal = os.isatty(0)

    def hang_up(self, end: Callable[[], None]) -> None:
        """What SIGHUP means: reload; or end, where the server was started in a terminal that has been closed."""
        if self._in_terminal and not os.isatty(0):
            end()
        else:
            self.ask()

    def ask(self) -> None:
        """Reload as soon as no other reload is under way."""
        self._asked = True

    @property
    def busy(self) -> bool:
        """Whether a reload was asked for or is under way."""
        return self._asked or self._trial is not None

    @property
    def switching(self) -> bool:
        """Whether a good package was found, and the switch to it is not over."""
        return self._switching is not None

    def step(self) -> Found | None:
        """Go on, without waiting for anything; to be called again and again.

        Returns a package that was tried and is good, once: who gets it switches to it, and calls :meth:`finish`.
        """
        if self._trial is None:
            if not self.switching:
                self._begin()
            return None
        found = self._trial.verdict()
        if found is None:
            return None
        self._trial = None
        self._next = time.monotonic() + self._follow
        if not self._forced and found.folder in self._known():
            return None
        self._switching = found
        if found.reason:
            self.finish(found.reason)
            return None
        return found

    def _begin(self) -> None:
        if self._asked or (self._follow and time.monotonic() >= self._next):
            self._forced, self._asked = self._asked, False
            self._trial = Trial(self._origin, () if self._forced else self._known())

    def _known(self) -> list[str]:
        return [folder for folder in (self.folder, self._refused) if folder]

    def finish(self, reason: str = "") -> None:
        """Note that the switch was made, or why it was not."""
        found, self._switching = self._switching or Found(), None
        if reason:
            self._refused = found.folder
            logger.error("%s is not served, and %s still is: %s", found.uri or self._origin, self.folder, reason)
        else:
            self.folder = found.folder
            logger.info("Serving %s from now on", found.uri)
        self._metrics.reloaded(refused=bool(reason))
        self._number += 1
        self.outcome.write(json.dumps({"reload": self._number, "serving": self.folder, "refused": reason[:_REASON]}))

    def close(self) -> None:
        """Look for nothing any more."""
        if self._trial is not None:
            self._trial.end()


def drop(former: str, served: str) -> None:
    """Forget a package that was served before, when its model is used no more, and have the memory back."""
    if former != served:
        forget(Path(former))
    gc.unfreeze()
    gc.collect()
    gc.freeze()


async def reloaded(ask: Callable[[], None], outcome: Notice) -> dict[str, Any]:
    """Ask for a reload, and wait until one is over; what became of it."""
    before = outcome.read()
    ask()
    while outcome.read() == before:
        await asyncio.sleep(_LOOK_SECONDS)
    told: dict[str, Any] = json.loads(outcome.read())
    return told
