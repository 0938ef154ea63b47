"""``python -m mlpack`` is the command line."""

from __future__ import annotations

import sys

from mlpack.cli import main

sys.exit(main())
