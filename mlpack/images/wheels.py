"""A wheelhouse: the folder that holds the wheel of every line of a lock, so that an image is built without a network."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.utils import parse_wheel_filename

from mlpack.errors import EnvironmentFailure
from mlpack.images.lock import PLATFORMS, Sources
from mlpack.installers import Report

_PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
#: The tags of the Linux versions that have wheels, newest first.
_MANYLINUX = ("manylinux_2_28_{}", "manylinux_2_27_{}", "manylinux_2_24_{}", "manylinux_2_17_{}", "manylinux2014_{}")


def entries(lock: str) -> dict[str, str]:
    """The requirements of a lock, each with its hashes, by ``name==version``."""
    found: dict[str, str] = {}
    for block in re.split(r"\n(?=\S)", lock.strip()):
        pin = _PIN.match(block)
        if pin:
            found[f"{pin['name']}=={pin['version']}"] = block
    return found


def missing(lock: str, folder: Path) -> dict[str, str]:
    """The entries of a lock for which a folder has no wheel with one of the hashes that are locked."""
    there = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.whl")}
    return {pin: block for pin, block in entries(lock).items() if there.isdisjoint(_HASH.findall(block))}


def gather(lock: str, python: str, platform: str, sources: Sources, report: Report) -> Iterator[str]:
    """Fetch the wheels that a wheelhouse lacks, one after the other; yields the name of each before it is fetched.

    Raises:
        EnvironmentFailure: one is missing and nothing may be fetched, or there is no wheel of it for the platform.
    """
    if sources.wheelhouse is None:
        return
    wanted = missing(lock, sources.wheelhouse)
    if wanted and sources.offline:
        message = f"{sources.wheelhouse} has no wheel of {', '.join(sorted(wanted))}"
        raise EnvironmentFailure(message, tip="leave --offline out once, and the wheels that are missing are fetched")
    _, machine = PLATFORMS[platform]
    tags = [option for tag in _MANYLINUX for option in ("--platform", tag.format(machine))]
    for pin, block in wanted.items():
        yield pin
        _download(block, ["--python-version", python, *tags], sources, report)


def _download(block: str, target: list[str], sources: Sources, report: Report) -> None:
    command = [
        sys.executable,
        "-I",
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
    ]
    command += [
        "--disable-pip-version-check",
        "-d",
        str(sources.wheelhouse),
        *target,
        *sources.index_options,
        "-r",
        "/dev/stdin",
    ]
    ran = subprocess.run(command, input=block, check=False, capture_output=True, text=True)
    for line in ran.stderr.splitlines():
        report(line)
    if ran.returncode:
        raise EnvironmentFailure(f"the wheel of {block.split()[0]} cannot be fetched:\n{ran.stderr.strip()}")


def chosen(lock: str, folder: Path) -> list[Path]:
    """The wheels of a folder that a lock names."""
    pins = set(entries(lock))
    return [path for path in sorted(folder.glob("*.whl")) if _pin(path) in pins]


def _pin(path: Path) -> str:
    name, version, *_ = parse_wheel_filename(path.name)
    return f"{name}=={version}"
