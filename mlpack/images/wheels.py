"""A wheelhouse: the folder that holds a wheel for each line of a lock, so that an image is built without a network."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from mlpack.digest import digest_file
from mlpack.errors import EnvironmentFailure, MissingFramework
from mlpack.images.lock import entries, wheel_platforms
from mlpack.images.sources import Sources


@dataclass(frozen=True)
class Wheel:
    """A file, and its SHA-256."""

    path: Path
    digest: str


def present(locked: str, folder: Path, python: str, target: str) -> dict[str, Wheel]:
    """For each line of a lock the wheel in a folder that has its name, one of its digests, and runs on the platform."""
    tags = _tags(python, target)
    wanted = entries(locked)
    found = {}
    for path in sorted(folder.glob("*.whl")):
        pin = _pin(path, tags)
        if pin in wanted and (digest := digest_file(path)) in wanted[pin]:
            found[pin] = Wheel(path, digest)
    return found


def lock_of(wheels: Mapping[str, Wheel]) -> str:
    """The lock that only these wheels meet: the same wherever they came from."""
    return "".join(f"{pin} --hash=sha256:{wheel.digest}\n" for pin, wheel in sorted(wheels.items()))


def gather(missing: list[str], locked: str, python: str, target: str, sources: Sources) -> Iterator[str]:
    """Fetch what a wheelhouse lacks, one after the other; yields the name of each when it is there.

    Raises:
        EnvironmentFailure: it cannot be fetched, or there is no wheel of it for the platform.
        MissingFramework: pip, which fetches, is not installed.
    """
    if missing and find_spec("pip") is None:
        raise MissingFramework("pip", needed_for="fetching wheels", extra="docker")
    digests = entries(locked)
    for pin in missing:
        _download(pin, digests, python, target, sources)
        yield pin


def _download(pin: str, digests: Mapping[str, frozenset[str]], python: str, target: str, sources: Sources) -> None:
    platforms = [part for tag in wheel_platforms(target) for part in ("--platform", tag)]
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "--disable-pip-version-check"]
    with tempfile.TemporaryDirectory(prefix="mlpack-wheel-", dir=sources.wheelhouse) as folder:
        line = Path(folder, "line.txt")
        line.write_text(" ".join([pin, *(f"--hash=sha256:{digest}" for digest in sorted(digests[pin]))]), "utf-8")
        command = [sys.executable, "-I", "-m", "pip", "download", *options, "--python-version", python, *platforms]
        ran = subprocess.run(
            [*command, "--dest", folder, "--requirement", str(line)],
            env=sources.variables(),
            check=False,
            capture_output=True,
            text=True,
        )
        if ran.returncode:
            said = ran.stderr.strip()
            raise EnvironmentFailure(
                f"the wheel of {pin} for Python {python} on {target} cannot be fetched:\n{said}",
                tip="put a wheel of it into the wheelhouse: pip wheel builds one where an index has only the source",
            )
        for wheel in Path(folder).glob("*.whl"):  # whole by now: what is cut off leaves nothing behind
            wheel.replace(wheel.parent.parent / wheel.name)


def _tags(python: str, target: str) -> frozenset[Tag]:
    version = tuple(map(int, python.split(".")))
    platforms = wheel_platforms(target)
    return frozenset(cpython_tags(version, platforms=platforms)) | frozenset(
        compatible_tags(version, platforms=platforms)
    )


def _pin(path: Path, tags: frozenset[Tag]) -> str:
    """``name==version`` of a wheel that fits one of the tags; empty for any other file."""
    try:
        name, version, _, of_wheel = parse_wheel_filename(path.name)
    except InvalidWheelFilename:
        return ""
    return f"{name}=={version}" if of_wheel & tags else ""
