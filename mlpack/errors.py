"""The exceptions of mlpack, one class for each thing the reader of the message can do about it.

MlpackError
├── InvalidInput            what was sent to be predicted does not fit: change the data
│   ├── MalformedPayload    it cannot be read
│   ├── SchemaMismatch      it does not fit the model's signature
│   ├── LimitExceeded       it is larger than a limit
│   └── UnsupportedMediaType  it is of a kind that is not read here
├── InvalidArgument         an argument or option is wrong: change the call
│   └── TargetNotEmpty      there is something already where a package would go
├── PackageNotFound         nothing is at the place that was named
├── NotInStore              the store has no such experiment, run, model, version or alias
├── AlreadyInStore          the name is taken
├── StoreFailure            the store cannot be reached, read or written
├── InvalidPackage          the package cannot be used as it is: mend it or ask its author
│   ├── UnsafePackage       it could harm: a path that leaves it, a link, a hostile requirement
│   ├── DigestMismatch      its files are not those that were saved
│   └── UnknownFlavor       no flavor here can load it
├── MissingFramework        a framework is not installed: install it
├── EnvironmentFailure      an environment cannot be restored
├── EngineFailure           an image cannot be built or pushed
└── PredictionFailed        the model itself raised, or its process ended, while it predicted
    └── UnwritableAnswer    it answered with what the format asked for cannot hold

Constructors take data and write the sentence: what was wrong, with which value. ``tip`` says what to do next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from os import PathLike
from typing import Any

#: The name of our distribution on package indexes, where the name ``mlpack`` belongs to somebody else.
DISTRIBUTION = "mlpack-models"


def first_line(error: BaseException) -> str:
    """The first line of what an error says, empty where it says nothing."""
    return (str(error).splitlines() or [""])[0]


class MlpackError(Exception):
    """The root of all exceptions that mlpack raises on purpose; ``tip`` says what to do next, or is empty."""

    def __init__(self, message: str, *, tip: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.tip = tip

    def __reduce__(self) -> tuple[Any, ...]:
        """How an error is pickled: as it is, for constructors take other arguments than the message."""
        return _unpickled, (type(self), self.args, self.__dict__)


def _unpickled(kind: type[MlpackError], args: tuple[Any, ...], state: dict[str, Any]) -> MlpackError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidInput(MlpackError, ValueError):
    """What was sent to be predicted does not fit; ``field`` is the column, key or parameter at fault, if one is."""

    def __init__(self, message: str, *, field: str | None = None, tip: str = "") -> None:
        super().__init__(message, tip=tip)
        self.field = field


class MalformedPayload(InvalidInput):
    """A request body or an input file cannot be read: broken JSON, ragged rows, unknown keys."""


class SchemaMismatch(InvalidInput):
    """A value does not fit the signature: names the column or parameter, what was expected and what came."""

    def __init__(self, field: str | None, *, expected: str, got: str, row: int | None = None, tip: str = "") -> None:
        where = "input" if field is None else f"{field!r}"
        at = "" if row is None else f" in row {row}"
        super().__init__(f"{where} expects {expected}, got {got}{at}", field=field, tip=tip)
        self.expected = expected
        self.got = got
        self.row = row


class LimitExceeded(InvalidInput):
    """The input is larger than a limit; ``option`` names the setting that raises it."""

    def __init__(self, what: str, *, limit: int, got: int | None = None, option: str = "") -> None:
        seen = "" if got is None else f", got {got}"
        tip = f"send less, or raise the limit with {option}" if option else "send less"
        super().__init__(f"{what} is limited to {limit}{seen}", tip=tip)
        self.limit = limit
        self.option = option


class UnsupportedMediaType(InvalidInput):
    """The content type of a body, or the suffix of a file, is not one that can be read here."""

    def __init__(self, got: str, *, supported: Iterable[str], tip: str = "") -> None:
        super().__init__(f"{got!r} is not supported; supported: {', '.join(supported)}", tip=tip)


class InvalidArgument(MlpackError, ValueError):
    """An argument of a call, or an option of the command line, is wrong or contradicts another."""

    @classmethod
    def unknown(cls, kind: str, got: str, known: Sequence[str]) -> InvalidArgument:
        """An argument that is not one of a closed list; the nearest known name becomes the tip."""
        near = get_close_matches(got, known, n=1)
        tip = f"did you mean {near[0]!r}?" if near else ""
        return cls(f"unknown {kind} {got!r}; known: {', '.join(known)}", tip=tip)


class TargetNotEmpty(InvalidArgument):
    """The path where a package would be written exists and is not an empty folder."""

    def __init__(self, path: str | PathLike[str]) -> None:
        super().__init__(f"{path} exists and is not an empty folder", tip="remove it, or save to another path")


class PackageNotFound(MlpackError, FileNotFoundError):
    """Nothing is at the path or URI that was named, or what is there holds no MLmodel file."""


class NotInStore(MlpackError, LookupError):
    """A store has no such experiment, run, model, version or alias; ``kind`` says which, ``name`` which one."""

    def __init__(self, kind: str, name: str, *, tip: str = "") -> None:
        super().__init__(f"there is no {kind} {name!r}", tip=tip)
        self.kind = kind
        self.name = name


class AlreadyInStore(MlpackError):
    """A name is taken in a store; ``kind`` says of what."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"the {kind} {name!r} exists already")
        self.kind = kind
        self.name = name


class StoreFailure(MlpackError):
    """A store cannot be reached, read or written."""


class InvalidPackage(MlpackError):
    """A package cannot be used as it is: its manifest is broken, or a file that it names is missing."""


class UnsafePackage(InvalidPackage):
    """A package could do harm by its structure: a path that leaves it, a link, a device, a hostile requirement."""


class DigestMismatch(InvalidPackage):
    """Files of a package are not those that were saved; ``changed`` and ``missing`` hold their relative names."""

    def __init__(self, changed: Sequence[str], missing: Sequence[str]) -> None:
        parts = [f"changed: {', '.join(changed)}"] if changed else []
        parts += [f"missing: {', '.join(missing)}"] if missing else []
        super().__init__(
            f"the package is not what was saved ({'; '.join(parts)})",
            tip="fetch the package again, or save the model anew if the change was meant",
        )
        self.changed = tuple(changed)
        self.missing = tuple(missing)


class UnknownFlavor(InvalidPackage):
    """No flavor that is installed here can load the package; ``found`` are the flavors that it has."""

    def __init__(self, wanted: str, found: Iterable[str]) -> None:
        super().__init__(f"no flavor here can load {wanted!r}; the package has: {', '.join(found) or 'none'}")


class MissingFramework(MlpackError, ImportError):
    """A framework, or an optional library, is not installed; the tip is the command that installs it."""

    def __init__(self, distribution: str, *, needed_for: str, extra: str | None = None, tip: str = "") -> None:
        target = f"'{DISTRIBUTION}[{extra}]'" if extra else f"'{distribution}'"
        what = f"{needed_for} needs {distribution}, which is not installed"
        super().__init__(what, tip=tip or f"pip install {target}")
        self.distribution = distribution
        self.extra = extra


class EnvironmentFailure(MlpackError):
    """The environment of a package cannot be restored."""


class EngineFailure(MlpackError):
    """An image cannot be built or pushed: no engine can be reached, or the builder failed, whose last lines follow."""


class PredictionFailed(MlpackError):
    """The model raised while it predicted, and the cause is chained; or the process ended in which it did."""


class UnwritableAnswer(PredictionFailed):
    """The model answered with what the answer's format cannot hold: the model's fault, not the data's."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the model's answer cannot be written: {reason}")
        self.reason = reason
