"""The lines of requirements files: what is understood, what is refused, and what each line is about.

A package may come from anybody and its requirements are handed to an installer, so a line is either a plain requirement
(name, extras, versions, marker: PEP 508 without direct references) or it is refused. Of pip's options only the two that
MLflow writes are understood, ``-r FILE`` and ``-c FILE``, and for a package only with files inside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from mlpack.errors import InvalidPackage, UnsafePackage
from mlpack.yamlio import read_text

MAX_LINE = 500
_MLFLOW = frozenset({"mlflow", "mlflow-skinny", "mlflow-tracing"})
_PLAIN = re.compile(r"[A-Za-z0-9 \t._\-\[\],<>=!~;()'\"*+]*")
_COMMENT = re.compile(r"(^|\s)#.*$")
_NESTED = re.compile(r"(-r|--requirement|-c|--constraint)[\s=]\s*(\S+)$")


def check_requirement(line: str) -> str:
    """A requirement in its normal spelling.

    Raises UnsafePackage, with the reason, for pip options, URLs and other direct references, paths, characters that a
    shell or a terminal acts on, lines of more than 500 characters and whatever PEP 508 does not know.
    """
    text = line.strip()
    reason = _why_not(text)
    if reason:
        raise UnsafePackage(f"{text[:80]!r} is refused as a requirement: {reason}", tip=_TIPS.get(reason, ""))
    try:
        return str(Requirement(text))
    except InvalidRequirement as error:
        problem = str(error).splitlines()[0]
        raise UnsafePackage(f"{text[:80]!r} is refused as a requirement: {problem}") from error


_OPTION = "it is, or carries, an option of pip"
_DIRECT = "it names a place to fetch from, not a version"
_TIPS = {
    _OPTION: "options belong to the machine that restores the environment: set UV_INDEX or PIP_EXTRA_INDEX_URL there",
    _DIRECT: "name a version that an index has, or bring the code along with code_paths",
}


def _why_not(text: str) -> str:
    if len(text) > MAX_LINE:
        return f"it has more than {MAX_LINE} characters"
    if not text.isprintable():
        return "it has a control character"
    if re.search(r"(^|\s)-", text):
        return _OPTION
    if "@" in text or ":" in text or "/" in text or text.startswith(".") or text.endswith((".whl", ".zip", ".tar.gz")):
        return _DIRECT
    plain = _PLAIN.match(text)
    if plain and plain.end() < len(text):
        return f"it has the character {text[plain.end()]!r}"
    return ""


def requirement_name(line: str) -> str:
    """The normalised distribution name of a line that :func:`check_requirement` has passed."""
    return canonicalize_name(Requirement(line).name)


def is_mlflow(line: str) -> bool:
    """Whether a checked line asks for a distribution of MLflow, which mlpack never installs."""
    return requirement_name(line) in _MLFLOW


@dataclass
class RequirementLines:
    """What a requirements file and those that it names hold; ``refused`` says where each refused line is, and why."""

    requirements: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    refused: list[UnsafePackage] = field(default_factory=list)


def read_lines(lines: Iterable[str], *, source: str, folder: Path, inside: Path | None = None) -> RequirementLines:
    """Read requirement lines, following ``-r`` and ``-c`` relative to ``folder``.

    ``source`` is what messages call the place of the lines. With ``inside``, files outside that folder are refused.
    """
    reader = _Reader(inside)
    reader.read(lines, source=source, folder=folder, into=reader.found.requirements)
    return reader.found


class _Reader:
    def __init__(self, inside: Path | None) -> None:
        self.inside = inside and inside.resolve()
        self.found = RequirementLines()
        self.seen: set[tuple[Path, bool]] = set()

    def read(self, lines: Iterable[str], *, source: str, folder: Path, into: list[str]) -> None:
        for number, line in _logical(lines):
            try:
                nested = _NESTED.match(line)
                if nested:
                    constraints = nested[1] in ("-c", "--constraint")
                    target = self.found.constraints if constraints else into
                    self.read_file(folder / nested[2], target, constraints=constraints)
                else:
                    into.append(check_requirement(line))
            except InvalidPackage as error:
                problem = UnsafePackage(f"{source}, line {number}: {error}", tip=error.tip)
                self.found.refused.append(problem)

    def read_file(self, path: Path, into: list[str], *, constraints: bool) -> None:
        path = path.resolve()
        if self.inside and not path.is_relative_to(self.inside):
            raise UnsafePackage(f"{path.name} is outside the package")
        if self.inside and not path.exists():  # a package works where all it needs is installed already
            return
        if (path, constraints) not in self.seen:
            self.seen.add((path, constraints))
            self.read(read_text(path).splitlines(), source=path.name, folder=path.parent, into=into)


def _logical(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, joined where they end in a backslash, without comments and blank ones."""
    joined, start = "", 0
    for number, line in enumerate(lines, 1):
        start = start or number
        if line.endswith("\\"):
            joined += line[:-1]
            continue
        text = _COMMENT.sub("", joined + line).strip()
        if text:
            yield start, text
        joined, start = "", 0
    if joined.strip():
        yield start, joined.strip()
