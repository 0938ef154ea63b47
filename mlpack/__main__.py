"""``python -m mlpack`` is the command line."""

from __future__ import annotations

import sys

from mlpack.cli import main

if __name__ == "__main__":  # processes that it starts import it under another name
    sys.exit(main())
