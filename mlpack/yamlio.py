"""YAML as packages use it: read with the safe loader inside fixed bounds, written in block style with sorted keys."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import yaml

from mlpack.errors import InvalidArgument, InvalidPackage

try:  # libyaml is about ten times faster; PyYAML without it is still whole
    from yaml import CSafeDumper as Dumper
    from yaml import CSafeLoader as Loader
except ImportError:  # pragma: no cover - depends on how PyYAML was built
    from yaml import SafeDumper as Dumper  # type: ignore[assignment]
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MAX_BYTES = 10 * 2**20
MAX_DEPTH = 64
MAX_NODES = 1_000_000
MAX_NUMBER_CHARS = 400
_NUMBERS = "0123456789.:_+-xabcdefABCDEF"  # hexadecimal ones too


def read_text(path: Path) -> str:
    """The text of a small file of a package.

    Raises InvalidPackage, naming the file, unless it is a regular one of at most 10 MiB in UTF-8.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InvalidPackage(f"{path.name} is not a regular file")
        if status.st_size > MAX_BYTES:
            raise InvalidPackage(f"{path.name} has {status.st_size} bytes; {MAX_BYTES} is the most that is read")
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidPackage(f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def load_yaml(path: Path) -> Any:
    """The one document in a YAML file, as plain dicts, lists and scalars; None for an empty file.

    Raises InvalidPackage, naming the file and where known the line, when the file is not a regular one, is broken,
    holds anything but plain data, or goes beyond a bound: 10 MiB, 64 levels, a million nodes with aliases expanded.
    """
    text = read_text(path)
    try:
        _check_bounds(text, path)
        return yaml.load(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise InvalidPackage(f"{path.name}{line}: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise InvalidPackage(f"{path.name} is not valid YAML: {str(error).splitlines()[0]}") from error


def dump_yaml(value: Any) -> str:
    """The YAML text of plain data, keys sorted; raises InvalidArgument for what YAML has no form for."""
    try:
        return str(yaml.dump(value, Dumper=Dumper, sort_keys=True, default_flow_style=False, allow_unicode=True))
    except yaml.representer.RepresenterError as error:
        kind = type(error.args[1]).__name__
        raise InvalidArgument(f"a value of type {kind} cannot be written as YAML", tip="give plain Python") from error


def _check_bounds(text: str, path: Path) -> None:
    """Walk the events, which need no memory for what they nest, before anything is built of them.

    An alias counts as all that its anchor holds, because whoever writes or compares the value later walks all of it.
    """
    anchors: dict[str, int] = {}
    sizes = [0]
    open_anchors: list[str | None] = []
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            sizes.append(1)
            open_anchors.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            size, anchor = sizes.pop(), open_anchors.pop()
            sizes[-1] += size
            if anchor:
                anchors[anchor] = size
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in open_anchors:
                raise _too_much(path, event, "a value that contains itself")
            sizes[-1] += anchors.get(str(event.anchor), 1)
        elif isinstance(event, yaml.ScalarEvent):
            sizes[-1] += 1
            if event.implicit[0] and len(event.value) > MAX_NUMBER_CHARS and not event.value.strip(_NUMBERS):
                raise _too_much(path, event, f"a number of more than {MAX_NUMBER_CHARS} characters")
        if len(sizes) > MAX_DEPTH:
            raise _too_much(path, event, f"more than {MAX_DEPTH} levels")
        if sizes[-1] > MAX_NODES:
            raise _too_much(path, event, f"more than {MAX_NODES} values")


def _too_much(path: Path, event: yaml.Event, what: str) -> InvalidPackage:
    line = event.start_mark.line + 1 if event.start_mark else 1
    return InvalidPackage(f"{path.name}, line {line}: {what}")
