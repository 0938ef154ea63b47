"""What predictions cost, by their number of rows, learnt while they run."""

from __future__ import annotations

# A longer run than expected says little, since the machine may have paused it: it changes what is expected by so much,
# and counts for at most so many times of that. The first run, in which much is made ready, is forgotten at once.
_WEIGHT, _WORST = 1 / 32, 8


class Costs:
    """Seconds that predictions take when nothing disturbs them, in classes of as many rows as a power of two."""

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}

    def learn(self, rows: int, seconds: float) -> None:
        """Take a prediction into account that took so long."""
        size = rows.bit_length()
        known = self._seconds.get(size, seconds)
        longer = _WEIGHT * (min(seconds, _WORST * known) - known)
        self._seconds[size] = seconds if seconds < known else known + longer

    def of(self, rows: int) -> float:
        """The seconds that so many rows should take; infinity where nothing has been predicted yet.

        A class that is not known costs at most as much as the next larger one, and as many times the next smaller one
        as it has more rows.
        """
        size = rows.bit_length()
        if size in self._seconds:
            return self._seconds[size]
        larger = [each for each in self._seconds if each > size]
        smaller = [each for each in self._seconds if each < size]
        bounds = [self._seconds[min(larger)]] if larger else []
        bounds += [self._seconds[max(smaller)] * 2.0 ** (size - max(smaller))] if smaller else []
        return min(bounds, default=float("inf"))
