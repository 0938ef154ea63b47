"""Serve models with mlpack, MLflow, MLServer, BentoML and LitServe, drive each with wrk, and print what it took.

The first run installs the servers, each in an environment of its own that is kept in your cache folder. The exit status
is 1 if a bar is not reached.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.libraries import MLFLOW_RELEASE
from benchmarks.load.bars import bars
from benchmarks.load.contenders import CONTENDERS, Contender
from benchmarks.load.models import Model, models
from benchmarks.load.plot import draw
from benchmarks.load.rounds import Figures, measure, warm_up
from benchmarks.load.tables import table
from benchmarks.measurements import HEAD


def main() -> int:
    """Measure, print, draw."""
    known = {each.name: each for each in CONTENDERS}
    served = {model.name: model for model in models()}
    options = _options([*served, *known])
    if shutil.which("wrk") is None:
        sys.exit("the load comes from wrk, which is not installed: apt-get install wrk")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # it would keep what is installed from being as fast as it is
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the servers are ended as at any other end
    chosen = [served[name] for name in _chosen(served, options.only)]
    contenders = [known[name] for name in _chosen(known, options.only)]
    figures = []
    with TemporaryDirectory() as folder:
        pythons = {each: each.python(Path(folder)) for each in contenders}
        for model in chosen:
            those = {each: python for each, python in pythons.items() if not each.only or model.name in each.only}
            if model is chosen[0]:
                warm_up(model, those, Path(folder))
            figures += (found := measure(model, those, Path(folder), options.rounds, options.seconds))
            if not options.json:
                print("\n".join(table(model, found, known)), flush=True)
    return _report(options, figures, chosen, contenders)


def _options(names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the requests a second into this file")
    parser.add_argument(
        "--only", action="append", default=[], choices=names, metavar="NAME",
        help=f"a model or a server, may be given again; of what is not named all are taken: {', '.join(names)}",
    )  # fmt: skip
    parser.add_argument("--rounds", type=int, default=3, help="turns of each server; medians count (default: 3)")
    parser.add_argument("--seconds", type=int, default=3, help="seconds of load in a turn (default: 3)")
    return parser.parse_args()


def _chosen(known: Iterable[str], only: list[str]) -> list[str]:
    return [name for name in known if name in only] or list(known)


def _report(
    options: argparse.Namespace, figures: list[Figures], chosen: list[Model], contenders: list[Contender]
) -> int:
    found = {(each.model, each.server): each for each in figures}
    measured = list(bars(found))
    if options.plot:
        draw(options.plot, found, chosen, contenders)
    if options.json:
        facts = [asdict(each) for each in figures]
        print(json.dumps({"mlflow": MLFLOW_RELEASE, "figures": facts, "bars": [each.facts() for each in measured]}))
    elif measured:
        print("\n".join(("\n" + HEAD, *(each.line() for each in measured))))
    return 0 if all(each.reached for each in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
