"""The URIs that name packages. Parsed once, here; nothing parses one again, so what is checked is what is opened."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from mlpack.errors import InvalidArgument
from mlpack.stores.names import (
    MODEL_ID,
    VERSION,
    canonical_stage,
    check_alias,
    check_model_name,
    check_run_id,
)

#: What is fetched, by scheme: a closed list.
REMOTE_SCHEMES = frozenset(
    ["s3", "sftp", "http", "https", "gs", "az", "abfs", "abfss", "wasb", "wasbs", "hdfs", "viewfs", "mlflow-artifacts"]
)
_NO_HOST = ("hdfs", "viewfs", "mlflow-artifacts")  # these have a default one
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")  # of two letters at least: one is a drive of Windows
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CREDENTIALS = re.compile("(?<=://)[^/]*@")
_FORBIDDEN = re.compile(r"[?#%\\]")
_MODELS_TIP = "write models:/name/3, models:/name@alias, models:/name/latest or models:/m-<id>"


@dataclass(frozen=True)
class LocalPath:
    """A folder on this machine."""

    path: Path


@dataclass(frozen=True)
class RunUri:
    """What a run logged: ``runs:/<run_id>/<path>``; an empty path is all of it."""

    run_id: str
    path: str


@dataclass(frozen=True)
class LoggedModelUri:
    """A logged model, or a folder of it: ``models:/m-<id>``."""

    model_id: str
    path: str = ""


@dataclass(frozen=True)
class VersionUri:
    """A version of a registered model, or a folder of it: ``models:/<name>/<number>``."""

    name: str
    version: str
    path: str = ""


@dataclass(frozen=True)
class AliasUri:
    """The version that an alias names: ``models:/<name>@<alias>``."""

    name: str
    alias: str
    path: str = ""


@dataclass(frozen=True)
class StageUri:
    """The highest version in a stage: ``models:/<name>/<stage>``, any case."""

    name: str
    stage: str
    path: str = ""


@dataclass(frozen=True)
class LatestUri:
    """The highest version of all: ``models:/<name>/latest``, any case."""

    name: str
    path: str = ""


@dataclass(frozen=True)
class RemoteUri:
    """Something that is fetched: ``scheme`` is one of REMOTE_SCHEMES, ``uri`` the whole of it."""

    scheme: str
    uri: str


PackageUri = LocalPath | RunUri | LoggedModelUri | VersionUri | AliasUri | StageUri | LatestUri | RemoteUri


def parse(uri: str | PathLike[str]) -> PackageUri:
    """A path or URI as a typed value.

    Raises:
        InvalidArgument: it is empty, is of a scheme that is not read, or could be taken for something else: control
            characters anywhere; ``?``, ``#``, ``%``, backslashes and empty, ``.`` or ``..`` segments in runs:/ and
            models:/.
    """
    text = fspath(uri)
    if not text or "\0" in text or text.lower() in ("file:", "file://"):
        raise InvalidArgument(f"{text!r} does not name a package", tip="give the path of the folder that holds MLmodel")
    if text.lower().startswith("file:"):
        return LocalPath(_file_uri(text))
    found = _SCHEME.match(text)
    scheme = found.group(1).lower() if found else ""
    if scheme == "runs":
        run_id, *path = _segments(text)
        return RunUri(check_run_id(run_id), "/".join(path))
    if scheme == "models":
        return _models_uri(text)
    if scheme in REMOTE_SCHEMES:
        return _remote_uri(scheme, text)
    # A path may hold a colon anywhere, so one that is there is one.
    if scheme and not Path(text).exists():
        raise InvalidArgument(
            f"{text!r}: packages are not read from {scheme}:, only from folders, file:, runs:, models: and "
            f"{', '.join(f'{known}:' for known in sorted(REMOTE_SCHEMES))}",
            tip="download the package and give its folder",
        )
    return LocalPath(Path(text))


def _models_uri(text: str) -> PackageUri:
    first, *rest = _segments(text)
    name, at, alias = first.rpartition("@")
    if at:
        return AliasUri(check_model_name(name), check_alias(alias), "/".join(rest))
    if MODEL_ID.fullmatch(first):
        return LoggedModelUri(first, "/".join(rest))
    if not rest:
        raise InvalidArgument(f"{text!r} names no version", tip=_MODELS_TIP)
    which, *path = rest
    check_model_name(first)
    if VERSION.fullmatch(which):
        return VersionUri(first, which, "/".join(path))
    if which.lower() == "latest":
        return LatestUri(first, "/".join(path))
    return StageUri(first, canonical_stage(which), "/".join(path))


def _segments(text: str) -> list[str]:
    """The segments after ``runs:/`` or ``models:/``, each of which means itself."""
    if _FORBIDDEN.search(text) or not text.isprintable():
        raise InvalidArgument(f"{text!r} holds one of ? # % \\ or a character that cannot be printed")
    segments = text.split(":/", 1)[1].split("/")
    if any(segment in ("", ".", "..") for segment in segments):
        raise InvalidArgument(
            f"{text!r} has an empty segment, . or ..; nor are registries at another host read",
            tip="write runs:/<run id>/<path>, models:/<name>/<version> or models:/<name>@<alias>",
        )
    return segments


def without_credentials(text: str) -> str:
    """A URI fit for messages: without the name and password that it may hold."""
    return _CREDENTIALS.sub("", text)


def _remote_uri(scheme: str, text: str) -> RemoteUri:
    shown = without_credentials(text)
    if not text.isprintable() or "\\" in text:
        raise InvalidArgument(f"{shown!r} holds a backslash or a character that cannot be printed")
    parts = _split(text)
    if not parts.netloc and scheme not in _NO_HOST:
        raise InvalidArgument(f"{shown!r} names no host or bucket", tip=f"write {scheme}://<host or bucket>/<path>")
    if any(segment in (".", "..") for segment in unquote(parts.path).split("/")):
        raise InvalidArgument(f"{shown!r} has the segment . or ..")
    return RemoteUri(scheme, text)


def _file_uri(text: str) -> Path:
    parts = _split(text)
    if parts.netloc not in ("", "localhost"):
        raise InvalidArgument(f"{text!r} names the host {parts.netloc!r}; a file: URI is for files of this machine")
    if parts.query or parts.fragment:
        raise InvalidArgument(f"{text!r} has a query or a fragment, which a file: URI does not take")
    path = unquote(parts.path)
    if "\0" in path:
        raise InvalidArgument(f"{text!r} holds a NUL")
    on_a_drive = os.name == "nt" and re.match("/[A-Za-z]:", path)
    return Path(path[1:] if on_a_drive else path)


def _split(text: str) -> SplitResult:
    if _CONTROL.search(text):  # splitting drops some of them silently
        raise InvalidArgument(f"{without_credentials(text)!r} holds a control character")
    try:
        return urlsplit(text)
    except ValueError as error:
        raise InvalidArgument(f"{without_credentials(text)!r} is no URI: {error}") from error
