"""The examples, run as a reader would run them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_quickstart_trains_packages_serves_asks_and_stops(root: Path) -> None:
    command = [sys.executable, str(root / "examples" / "quickstart" / "demo.py")]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert '{"predictions":["setosa","versicolor","virginica"]}' in run.stdout
    assert "stopped with exit code 0" in run.stdout
