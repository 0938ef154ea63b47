"""The image that the tests build on: Debian with Python, made here, since no registry has to be reachable."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

NAME = "mlpack-test-base:bookworm"
_INCLUDED = "python3,python3-venv,ca-certificates"


def cache() -> Path:
    """Where the base and the wheels are kept: outside the clone, so that a fresh clone finds them."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "mlpack-images")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def base(engine: Any) -> str:
    """The name of the base image, which is made where the engine does not have it."""
    if not engine.images.list(NAME):
        name, tag = NAME.split(":")
        engine.api.import_image_from_file(str(_archive()), repository=name, tag=tag)
    return NAME


def _archive() -> Path:
    archive = cache() / "base.tar"
    if not archive.exists():
        folder = cache() / "base"
        shutil.rmtree(folder, ignore_errors=True)  # of one that was interrupted
        command = ["debootstrap", "--variant=minbase", f"--include={_INCLUDED}", "bookworm", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        part = archive.with_suffix(".part")
        subprocess.run(["tar", "-C", folder, "-cf", part, "."], check=True)
        part.rename(archive)
        shutil.rmtree(folder)
    return archive
