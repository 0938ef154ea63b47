"""What probes are told of this process: whether it answers, and whether more should be sent to it."""

from __future__ import annotations

from collections.abc import Callable

from mlpack_serving.runtime import Runtime


class Health:
    """Of one process; ``trouble`` says what is wrong with the server beyond it, or nothing."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.trouble: Callable[[], str] = str
        self.draining = False

    def illness(self) -> str:
        """Why predictions do not get through; empty where they do."""
        if not self._runtime.healthy:
            return "a prediction hangs: it has outlived its deadline and holds up the others"
        return self.trouble()

    def unreadiness(self) -> str:
        """Why no more should be sent here; empty where it may be."""
        return "the server is about to end" if self.draining else self.illness()
