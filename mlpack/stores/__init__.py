"""Where packages come from: a URI is parsed once into a typed value, and its store gives a local folder."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from mlpack.errors import InvalidArgument, PackageNotFound
from mlpack.stores.uri import LocalPath, parse

__all__ = ["LocalPath", "parse", "resolve"]


def resolve(uri: str | PathLike[str]) -> Path:
    """The local folder of the package at ``uri``, used in place and never copied.

    Raises:
        InvalidArgument: the URI is of a kind that cannot be read.
        PackageNotFound: nothing is there, or it holds no MLmodel file.
    """
    place = parse(uri)
    if not isinstance(place, LocalPath):
        raise InvalidArgument(f"{uri!r} is not read yet", tip="download the package and give its folder")
    folder = place.path
    if not folder.exists():
        raise PackageNotFound(f"there is nothing at {folder}", tip="name the folder that holds the MLmodel file")
    if not (folder / "MLmodel").is_file():
        raise PackageNotFound(f"{folder} holds no MLmodel file", tip="name the folder that holds the MLmodel file")
    return folder
