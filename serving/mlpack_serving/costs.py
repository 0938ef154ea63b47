"""What predictions cost, by their number of rows, learnt while they run."""

from __future__ import annotations

# How much one run changes what is expected: a longer one says little, since the machine may have paused it.
_SHORTER, _LONGER = 1 / 4, 1 / 32
#: A longer run counts for at most so many times what was expected.
_WORST = 8


class Costs:
    """Seconds that predictions take, in classes of as many rows as a power of two."""

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}

    def learn(self, rows: int, seconds: float) -> None:
        """Take a prediction into account that took so long."""
        known = self._seconds.setdefault(rows.bit_length(), seconds)
        weight = _SHORTER if seconds < known else _LONGER
        self._seconds[rows.bit_length()] += weight * (min(seconds, _WORST * known) - known)

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
