"""Which distributions an image holds: the model's requirements and the server's, resolved together, with hashes."""

from __future__ import annotations

import configparser
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlpack.environment import Environment
from mlpack.errors import EnvironmentFailure, InvalidArgument
from mlpack.installers import Report, find_uv
from mlpack.own_wheel import own_distribution
from mlpack.restoring import check_pins

#: Platform of Docker -> what uv calls the oldest Linux that wheels are taken for, and pip's names for those it takes.
PLATFORMS = {
    "linux/amd64": ("x86_64-manylinux_2_28", "x86_64"),
    "linux/arm64": ("aarch64-manylinux_2_28", "aarch64"),
}


@dataclass(frozen=True)
class Sources:
    """Where distributions come from: an index as pip's own configuration names it, or only the wheels of a folder."""

    wheelhouse: Path | None = None
    offline: bool = False
    index_options: tuple[str, ...] = ()
    ca_bundle: Path | None = None

    def options(self) -> list[str]:
        """What uv is told."""
        links = ["--find-links", str(self.wheelhouse)] if self.wheelhouse else []
        return [*links, *(["--no-index"] if self.offline else self.index_options)]


def index_options(pip_conf: Path | None) -> tuple[str, ...]:
    """The indexes that a configuration file of pip names, as options that pip and uv share."""
    if pip_conf is None:
        return ()
    read = configparser.ConfigParser(interpolation=None)
    try:
        read.read_string(pip_conf.read_text("utf-8"))
    except (configparser.Error, UnicodeDecodeError) as error:
        raise InvalidArgument(f"--pip-conf: {pip_conf} is not a configuration file of pip") from error
    given = read["global"] if "global" in read else {}
    names = ("index-url", "extra-index-url", "find-links")
    return tuple(part for name in names for url in str(given.get(name, "")).split() for part in (f"--{name}", url))


def lock(environment: Environment, python: str, platform: str, sources: Sources, report: Report) -> str:
    """Lines of ``name==version --hash=...`` for all that a model and its server need.

    Raises:
        UnsafePackage: a requirement of the model is refused.
        EnvironmentFailure: the requirements cannot be met together; the message has the lines at fault.
        MissingFramework: uv is not installed.
    """
    environment.check()
    check_pins(environment, python)
    own = own_distribution()
    ours = [line for line in own.requires or () if "extra ==" not in line]
    lines = [*environment.to_install, *ours]
    target, _ = PLATFORMS[platform]
    command = [
        find_uv("an image"),
        "pip",
        "compile",
        "-",
        "--quiet",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
    ]
    command += ["--python-version", python, "--python-platform", target, "--only-binary", ":all:", *sources.options()]
    report(f"resolving {len(lines)} requirements for Python {python} on {platform}")
    return _run(command, lines, environment.constraints)


def _run(command: Sequence[str], lines: Sequence[str], constraints: Sequence[str]) -> str:
    # A constraint is a requirement only of what is needed anyway: uv takes them as a file, so they are written as one.
    import tempfile

    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(constraints))
        file.flush()
        extra = ["--constraint", file.name] if constraints else []
        ran = subprocess.run([*command, *extra], input="\n".join(lines), check=False, capture_output=True, text=True)
    if ran.returncode:
        message = f"the requirements of the model and those of the server cannot be met together:\n{ran.stderr.strip()}"
        tip = "change what the model wants with mlpack models update-pip-requirements"
        raise EnvironmentFailure(message, tip=tip)
    return ran.stdout
