"""Setting up on a machine that lacks something: the message says what, and what to do."""

from __future__ import annotations

import subprocess
from pathlib import Path


def test_without_a_python_that_is_supported_the_message_says_which_are(root: Path, tmp_path: Path) -> None:
    run = find_python(root, tmp_path)
    assert run.returncode == 1
    assert "ERROR no Python 3.10, 3.11, 3.12 or 3.13" in run.stderr
    assert "TIP" in run.stderr


def test_without_venv_the_message_says_how_to_install_it(root: Path, tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n')
    python.chmod(0o755)
    run = find_python(root, tmp_path)
    assert run.returncode == 1
    assert "ERROR python3 cannot make virtual environments" in run.stderr
    assert "python3-venv" in run.stderr


def find_python(root: Path, path: Path) -> subprocess.CompletedProcess[str]:
    """Look for a Python where only what is in the folder ``path`` can be found."""
    environment = {"PATH": str(path)}
    return subprocess.run(
        [root / "scripts" / "find-python"], env=environment, check=False, capture_output=True, text=True
    )
