"""The URIs that name packages. Parsed once, here; nothing parses one again, so what is checked is what is opened."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlpack.errors import InvalidArgument


@dataclass(frozen=True)
class LocalPath:
    """A folder on this machine."""

    path: Path


def parse(uri: str | PathLike[str]) -> LocalPath:
    """A path or ``file:`` URI as a typed value.

    Raises:
        InvalidArgument: it is empty, holds a NUL, names another host, or is of a scheme that is not read.
    """
    text = fspath(uri)
    if not text or "\0" in text:
        raise InvalidArgument(f"{text!r} does not name a package", tip="give the path of the folder that holds MLmodel")
    scheme = text.split(":", 1)[0].lower() if ":" in text else ""
    if scheme == "file":
        return LocalPath(_file_uri(text))
    # A single letter is a drive of Windows; a path may hold a colon anywhere but before a slash-less scheme.
    if len(scheme) > 1 and scheme.isalnum() and (text[len(scheme) + 1 :].startswith("/") and not Path(text).exists()):
        raise InvalidArgument(
            f"{text!r}: packages are read from a folder or a file: URI, not from {scheme}:",
            tip="download the package and give its folder",
        )
    return LocalPath(Path(text))


def _file_uri(text: str) -> Path:
    parts = urlsplit(text)
    if parts.netloc not in ("", "localhost"):
        raise InvalidArgument(f"{text!r} names the host {parts.netloc!r}; a file: URI is for files of this machine")
    if parts.query or parts.fragment:
        raise InvalidArgument(f"{text!r} has a query or a fragment, which a file: URI does not take")
    path = unquote(parts.path)
    if "\0" in path:
        raise InvalidArgument(f"{text!r} holds a NUL")
    return Path(path)
