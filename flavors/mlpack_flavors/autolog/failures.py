"""What could not be logged of a training, which goes on."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


class Failures:
    """What could not be logged, and why."""

    def __init__(self) -> None:
        self._told: list[str] = []

    @contextmanager
    def attempt(self, what: str) -> Iterator[None]:
        """Keep what the block raises as the reason why ``what`` is missing."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  no training fails because it cannot be logged
            self._told.append(f"{what} ({type(error).__name__}: {error})")

    def warn(self, stacklevel: int) -> None:
        """Tell all of them in one warning, if there are any."""
        if self._told:
            warnings.warn(f"autologging left out {'; '.join(self._told)}", stacklevel=stacklevel + 1)
