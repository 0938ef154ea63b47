"""``python -m benchmarks.faults``: do the faults, print the table, and fail when a bar is not reached."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys

from benchmarks import faults
from benchmarks.faults.rows import FAULTS, HEAD


def main() -> int:
    """Do the named faults, or all; the exit status is 1 if a bar is not reached."""
    for module in pkgutil.iter_modules(faults.__path__):
        if module.name != "__main__":
            importlib.import_module(f"{faults.__name__}.{module.name}")
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all, or some of: {', '.join(FAULTS)}")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    for name in set(options.names) - FAULTS.keys():
        parser.error(f"there is no fault {name!r}; there are {', '.join(FAULTS)}")
    found = []
    if not options.json:
        print(HEAD)
    for name in options.names or FAULTS:
        for figure in FAULTS[name]():
            found.append((name, figure))
            if not options.json:
                print(figure.line(name), flush=True)
    if options.json:
        print(json.dumps([figure.facts(name) for name, figure in found], indent=2))
    return 0 if all(figure.reached for _, figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
