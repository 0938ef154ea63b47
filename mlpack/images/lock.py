"""Which distributions an image holds: the model's requirements and the server's, resolved together, with hashes."""

from __future__ import annotations

import platform
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from mlpack.environment import Environment
from mlpack.errors import EnvironmentFailure
from mlpack.images.sources import Sources
from mlpack.images.tokens import checked
from mlpack.installers import Report, find_uv
from mlpack.own_wheel import own_distribution
from mlpack.restoring import check_pins

#: The machine as Docker and as Python call it.
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
#: The oldest glibc that an image's base may have; wheels for older ones run there too.
_GLIBC = 28
_PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def default_platform() -> str:
    """The platform that this machine builds for without an emulator."""
    return "linux/arm64" if platform.machine().lower() in ("arm64", "aarch64") else "linux/amd64"


def wheel_platforms(target: str) -> list[str]:
    """The platform tags of wheels that run on ``target`` (``linux/amd64``), the newest first. Source: PEP 600."""
    machine = _machine(target)
    names = [f"manylinux_2_{minor}_{machine}" for minor in range(_GLIBC, 4, -1)]
    return [*names, f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}"]


def lock(environment: Environment, python: str, target: str, sources: Sources, report: Report) -> str:
    """Lines of ``name==version --hash=...`` for all that a model and its server need on a platform.

    Raises:
        UnsafePackage: a requirement of the model is refused.
        EnvironmentFailure: the requirements cannot be met together, and the message has the lines at fault; or not
            from where wheels may come from.
        MissingFramework: uv is not installed.
    """
    environment.check()
    check_pins(environment, python)
    ours = [line for line in own_distribution().requires or () if "extra ==" not in line]
    lines = [*environment.to_install, *ours]
    command = [find_uv("an image"), "pip", "compile", "-", "--quiet", "--generate-hashes", "--no-header"]
    command += ["--no-annotate", "--only-binary", ":all:", "--python-version", python]
    command += ["--python-platform", f"{_machine(target)}-manylinux_2_{_GLIBC}", *sources.uv_options()]
    report(f"resolving {len(lines)} requirements for Python {python} on {target}")
    with tempfile.TemporaryDirectory(prefix="mlpack-lock-") as folder:  # in which uv finds no project's settings
        constraints = Path(folder, "constraints.txt")
        constraints.write_text("\n".join(environment.constraints), "utf-8")
        command += ["--constraint", str(constraints)]
        options: dict[str, Any] = {"cwd": folder, "env": sources.variables(), "capture_output": True, "text": True}
        ran = subprocess.run(command, input="\n".join(lines), check=False, **options)
    if ran.returncode:
        raise _failure(ran.stderr.strip(), sources)
    return str(ran.stdout)


def entries(locked: str) -> dict[str, frozenset[str]]:
    """What a lock names: ``name==version`` -> the SHA-256 digests of its files."""
    blocks = re.split(r"\n(?=\S)", locked.strip())
    found = ((_PIN.match(block), block) for block in blocks)
    return {f"{pin[1]}=={pin[2]}": frozenset(_HASH.findall(block)) for pin, block in found if pin}


def _machine(target: str) -> str:
    return _MACHINES[checked("platform", target).rpartition("/")[2]]


def _failure(said: str, sources: Sources) -> EnvironmentFailure:
    if sources.offline:
        message = f"{sources.wheelhouse} does not have all that the model and the server need:\n{said}"
        return EnvironmentFailure(message, tip="leave --offline out once, and what is missing is fetched")
    return EnvironmentFailure(
        f"the requirements of the model and those of the server cannot be met together:\n{said}",
        tip="change what the model wants with mlpack models update-pip-requirements",
    )
