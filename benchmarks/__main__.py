"""``python -m benchmarks``: measure, print the table, and fail when a bar is not reached."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.libraries import MLFLOW_RELEASE, Measurement, both
from benchmarks.offline import importing, saving
from benchmarks.serving import serving


def measure(repeat: int, window: float) -> Iterator[Measurement]:
    """All measurements, each as soon as it is made."""
    with TemporaryDirectory() as folder:
        sides = both(Path(folder))
        yield from importing(sides, repeat * 2)
        yield from saving(sides, repeat, Path(folder))
        yield from serving(sides, Path(folder, "mlflow-0"), repeat, window)


def line(found: Measurement) -> str:
    """One row of the table for people, which is Markdown."""
    sign = "at least" if found.more_is_better else "at most"
    figures = f"{found.mlflow:.4g} {found.unit} | {found.mlpack:.3g} {found.unit} | {found.ratio:.3g}"
    return f"| {found.what} | {figures} | {sign} {found.bar:.2g} | {'yes' if found.reached else 'NO'} |"


def main() -> int:
    """Measure and print; the exit status is 1 if a bar is not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each side; medians count (default: 3)")
    parser.add_argument("--window", type=float, default=4, help="seconds of requests per turn (default: 4)")
    options = parser.parse_args()
    # Installed libraries have their bytecode; a variable that keeps it from being written would slow both down.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    found = []
    if not options.json:
        print(f"| what | MLflow {MLFLOW_RELEASE} | mlpack | ratio | bar | reached |\n|---|---|---|---|---|---|")
    for measurement in measure(options.repeat, options.window):
        found.append(measurement)
        if not options.json:
            print(line(measurement), flush=True)
    if options.json:
        rows = [{**asdict(one), "ratio": one.ratio, "reached": one.reached} for one in found]
        print(json.dumps({"mlflow": MLFLOW_RELEASE, "measurements": rows}, indent=2))
    return 0 if all(one.reached for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
