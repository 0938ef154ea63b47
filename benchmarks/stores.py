"""``python -m benchmarks.stores``: how the time to resolve a name grows with the store; an alias has to stay fast.

A time is that of the first look-up of a new process, what the look-up imports included and ``import mlpack`` or
``import mlflow`` not. MLflow reads the same file store, and a SQLite store that it made itself.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.growing import ALIAS, NAME, PATH, STAGE, GrowingStore, id_of
from benchmarks.libraries import MLFLOW_RELEASE, Library, both
from mlpack.stores.file_store.index import FILE, SETTLED_NS

SIZES = ((10, 100), (100, 1_000), (1_000, 10_000), (10_000, 100_000))
BAR = 0.05
PATIENCE = 60


@dataclass(frozen=True)
class Row:
    """Seconds to resolve one name in one store; None where it was not measured or took longer than PATIENCE."""

    store: str
    versions: int
    runs: int
    name: str
    mlpack: float
    without_index: float | None
    mlflow: float | None

    @property
    def reached(self) -> bool:
        """Whether an alias took less than BAR; nothing is asked of other names."""
        return "@" not in self.name or self.mlpack < BAR


def measure(folder: Path, repeat: int) -> Iterator[Row]:
    """Every name in both kinds of store, the smallest first."""
    mlflow, mlpack = both(folder)
    store = GrowingStore(folder / "store")
    for versions, runs in SIZES:
        store.grow(versions, runs)
        time.sleep(SETTLED_NS / 10**9)  # younger files are not remembered
        database = folder / f"{versions}.sqlite"
        mlflow.run("growing.py", str(database), store.package.as_uri(), str(versions), str(runs))
        for kind, uri in (("files", store.root.as_uri()), ("SQLite", f"sqlite:///{database}")):
            for name in names(versions):
                rebuilt = _without_index(mlpack, store.root, uri, name) if kind == "files" else None
                ours = median(float(mlpack.run("resolving.py", uri, name)["first"]) for _ in range(repeat))
                yield Row(kind, versions, runs, name, ours, rebuilt, _patiently(mlflow, uri, name))


def names(versions: int) -> tuple[str, ...]:
    """A URI of each form, for a version in the middle."""
    middle = versions // 2
    forms = (f"@{ALIAS}", f"/{middle}", "/latest", f"/{STAGE}")
    return (*(f"models:/{NAME}{form}" for form in forms), f"runs:/{id_of(middle)}/{PATH}")


def _without_index(mlpack: Library, root: Path, uri: str, name: str) -> float:
    (root / FILE).unlink(missing_ok=True)
    return float(mlpack.run("resolving.py", uri, name)["first"])


def _patiently(mlflow: Library, uri: str, name: str) -> float | None:
    try:
        return float(mlflow.run("resolving.py", uri, name, timeout=PATIENCE)["first"])
    except subprocess.TimeoutExpired:
        return None


def line(row: Row) -> str:
    """One row of the table for people, which is Markdown."""
    shown = row.name.replace(id_of(row.versions // 2), "<id>")
    rebuilt = "" if row.without_index is None else f"{row.without_index * 1000:.0f} ms"
    mlflow = f"over {PATIENCE} s" if row.mlflow is None else f"{row.mlflow:.2g} s"
    ratio = f"1/{(row.mlflow or PATIENCE) / row.mlpack:.0f}"
    cells = (row.store, f"{row.versions:,}", f"{row.runs:,}", f"`{shown}`", f"{row.mlpack * 1000:.0f} ms", rebuilt)
    return f"| {' | '.join(cells)} | {mlflow} | {ratio} |"


def main() -> int:
    """Measure and print; the exit status is 1 if an alias took too long."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stores", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--repeat", type=int, default=3, help="processes of mlpack; medians count (default: 3)")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    found = []
    if not options.json:
        print(f"| store | versions | runs | name | mlpack | index missing | MLflow {MLFLOW_RELEASE} | ratio |")
        print("|---|---|---|---|---|---|---|---|")
    with TemporaryDirectory() as folder:
        for row in measure(Path(folder), options.repeat):
            found.append(row)
            if not options.json:
                print(line(row), flush=True)
    if options.json:
        rows = [{**asdict(row), "reached": row.reached} for row in found]
        print(json.dumps({"mlflow": MLFLOW_RELEASE, "bar": BAR, "measurements": rows}, indent=2))
    return 0 if all(row.reached for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
