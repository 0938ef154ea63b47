"""A wheel of the mlpack that is running, for environments and images: the name on an index is somebody else's."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from mlpack.errors import DISTRIBUTION, EnvironmentFailure
from mlpack.files import walk

#: Our import packages; the last two live in source roots of their own in a checkout, side by side in a wheel.
_PACKAGES = ("mlpack", "mlpack_flavors", "mlpack_serving")
_TEMPLATES = "dockerfiles"
#: The least that a zip file can say: two wheels of the same files are the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)


def own_distribution() -> Distribution:
    """The installed distribution of mlpack; raises EnvironmentFailure where it runs without being installed."""
    try:
        return distribution(DISTRIBUTION)
    except PackageNotFoundError as error:
        message = "mlpack runs from a folder and is not installed, so no wheel of it can be made"
        raise EnvironmentFailure(message, tip="run pip install -e . in the folder it was checked out to") from error


def own_wheel(folder: Path) -> Path:
    """Write the wheel into a folder and return its path; what is installed, or checked out, is taken as it is."""
    own = own_distribution()
    stem = f"{DISTRIBUTION.replace('-', '_')}-{own.version}"
    files = {name: path.read_bytes() for name, path in sorted(_modules())}
    files |= {f"{stem}.dist-info/{name}": text.encode() for name, text in _metadata(own)}
    record = [f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in files.items()]
    listed = f"{stem}.dist-info/RECORD"
    files[listed] = "".join([*record, f"{listed},,\n"]).encode()
    wheel = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return wheel


def _modules() -> Iterator[tuple[str, Path]]:
    for package in _PACKAGES:
        folder = _folder(package)
        yield from ((f"{package}/{name}", path) for name, path in _files(folder))
        templates = folder.parent / _TEMPLATES
        if package == "mlpack" and not (folder / _TEMPLATES).exists() and templates.exists():  # a checkout
            yield from ((f"mlpack/{_TEMPLATES}/{name}", path) for name, path in _files(templates))


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise EnvironmentFailure(f"{package} is missing from the running installation", tip=f"reinstall {DISTRIBUTION}")
    return Path(spec.origin).parent


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in walk(folder):
        relative = path.relative_to(folder)
        if path.is_file() and path.suffix != ".pyc" and not any(part.startswith(".") for part in relative.parts):
            yield relative.as_posix(), path


def _metadata(own: Distribution) -> Iterator[tuple[str, str]]:
    for name in ("METADATA", "entry_points.txt", "licenses/LICENSE"):
        yield name, own.read_text(name) or ""
    yield "WHEEL", "Wheel-Version: 1.0\nGenerator: mlpack\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
