"""Java, which Spark and H2O run on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from mlpack.errors import MissingFramework

_TIP = "install Java 17 (apt-get install openjdk-17-jre-headless), or set JAVA_HOME to the folder where it is"


def check_java(flavor: str) -> None:
    """Raise MissingFramework where Java is neither below JAVA_HOME nor on the PATH."""
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and (home is None or shutil.which(Path(home, "bin", "java")) is None):
        raise MissingFramework("Java", needed_for=f"a model of the flavor {flavor}", tip=_TIP)
