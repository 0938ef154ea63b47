"""Files and folders that a URI names, copied to where a person wants them: whole or not at all."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlpack.errors import InvalidArgument
from mlpack.stores.artifacts.base import checked
from mlpack.stores.artifacts.fetching import Report, fetch_all
from mlpack.stores.places import locate
from mlpack.stores.uri import LocalPath, LoggedModelUri, PackageUri, RemoteUri, RunUri, parse


def download(uri: str | PathLike[str], folder: Path, *, report: Report = lambda done, total: None) -> Path:
    """Copy the file or folder that a URI names into ``folder``, under its own name; returns where it is then.

    It need not be a package. That of a registered model, whichever its version, has the model's name.

    Raises:
        InvalidArgument: something of that name is there already, or the URI is of a kind that cannot be read.
        NotInStore: there is no such run, model, version or alias.
        PackageNotFound: nothing is at the URI.
        StoreFailure: a store cannot be reached.
        UnsafePackage: a store tells names of files that could leave the folder.
    """
    place = parse(uri)
    target = folder.absolute() / checked(_name(place), of=str(uri))
    if os.path.lexists(target):
        raise InvalidArgument(f"{target} exists already", tip="remove it, or name another folder")
    found = locate(place)
    return fetch_all(found.artifacts, found.path, target, report=report)


def _name(place: PackageUri) -> str:
    if isinstance(place, LocalPath):
        return Path(os.path.abspath(place.path)).name  # noqa: PTH100  a link keeps its own name
    if isinstance(place, RemoteUri):
        parts = urlsplit(place.uri)
        path, root = unquote(parts.path).rstrip("/"), parts.hostname or place.scheme
    elif isinstance(place, RunUri):
        path, root = place.path, place.run_id
    elif isinstance(place, LoggedModelUri):
        path, root = place.path, place.model_id
    else:
        path, root = place.path, place.name
    return path.rpartition("/")[2] or root
