"""``python -m benchmarks``: import and save beside MLflow, print the table, and fail when a bar is not reached."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.libraries import MLFLOW_RELEASE, both
from benchmarks.measurements import HEAD, Measurement
from benchmarks.offline import importing, saving


def measure(repeat: int) -> Iterator[Measurement]:
    """All measurements, each as soon as it is made."""
    with TemporaryDirectory() as folder:
        sides = both(Path(folder))
        yield from importing(sides, repeat * 2)
        yield from saving(sides, repeat, Path(folder))


def main() -> int:
    """Measure and print; the exit status is 1 if a bar is not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each side; medians count (default: 3)")
    options = parser.parse_args()
    # Installed libraries have their bytecode; a variable that keeps it from being written would slow both down.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    found = []
    if not options.json:
        print(HEAD)
    for measurement in measure(options.repeat):
        found.append(measurement)
        if not options.json:
            print(measurement.line(), flush=True)
    if options.json:
        rows = [measurement.facts() for measurement in found]
        print(json.dumps({"mlflow": MLFLOW_RELEASE, "measurements": rows}, indent=2))
    return 0 if all(one.reached for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
