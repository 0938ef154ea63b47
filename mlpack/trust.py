"""Structural safety of a package: nothing in it may reach outside it, and nothing in it may be but files and folders.

These checks read names and file kinds only; they run before anything of the package is opened by a framework.
"""

from __future__ import annotations

import stat
from pathlib import Path, PurePosixPath

from mlpack.errors import InvalidPackage, UnsafePackage
from mlpack.files import walk

_FORBIDDEN = frozenset("\\\0")


def inside(folder: Path, relative: object, *, key: str) -> Path:
    """The path of a file that the manifest names, below ``folder``.

    ``key`` is the manifest's key, for the message. Raises UnsafePackage for an absolute path, a ``..`` segment, a
    backslash or a control character, and InvalidPackage where it names nothing or the file is not there.
    """
    if not isinstance(relative, str) or not relative:
        raise InvalidPackage(f"MLmodel: {key} is not the name of a file in the package")
    if any(char in _FORBIDDEN or ord(char) < ord(" ") for char in relative):
        raise UnsafePackage(f"MLmodel: {key} holds a character that no path in a package may have")
    pure = PurePosixPath(relative)
    if pure.is_absolute() or ".." in pure.parts or ":" in pure.parts[0]:
        raise UnsafePackage(f"MLmodel: {key} points outside the package")
    path = folder / pure
    if not path.exists():
        raise InvalidPackage(f"MLmodel: {key} names {relative!r}, which is not in the package")
    return path


def check_structure(folder: Path) -> None:
    """Refuse a package that holds a link, a device, a pipe or a socket, at any depth.

    Raises:
        UnsafePackage: names the first such entry.
    """
    for path in walk(folder):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            raise UnsafePackage(f"{path.relative_to(folder).as_posix()} is a link; a package holds none")
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise UnsafePackage(f"{path.relative_to(folder).as_posix()} is neither a file nor a folder")
