"""MLflow's search language over entities: comparisons joined by AND, and what to order by.

    metrics.rmse < 0.3 AND params.`max depth` = '4' AND tags.team IN ('a', 'b') AND attributes.status != 'FAILED'

An entity that lacks what a comparison names does not fit, whatever the comparison; ``IS NULL`` asks for just that.
"""

from __future__ import annotations

import math
import operator
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Any, Generic, NoReturn, TypeVar

from mlpack.entities import Experiment, ModelVersion, Page, RegisteredModel, Run
from mlpack.errors import InvalidArgument

T = TypeVar("T")

#: The tag that MLflow gives to registered prompts, which share its tables with models.
PROMPT_TAG = "mlflow.prompt.is_prompt"


@dataclass(frozen=True)
class Vocabulary(Generic[T]):
    """What can be asked of one kind of entity: its attributes, and the maps that it has."""

    attributes: Mapping[str, Callable[[T], str | int | None]]
    maps: Mapping[str, Callable[[T], Mapping[str, Any]]]
    numbers: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    #: Filters that do not speak of prompts are not about them.
    without_prompts: bool = False


RUNS: Vocabulary[Run] = Vocabulary(
    attributes={
        "run_id": lambda run: run.info.run_id,
        "run_name": lambda run: run.info.run_name,
        "experiment_id": lambda run: run.info.experiment_id,
        "status": lambda run: run.info.status,
        "user_id": lambda run: run.info.user_id,
        "artifact_uri": lambda run: run.info.artifact_uri,
        "start_time": lambda run: run.info.start_time,
        "end_time": lambda run: run.info.end_time,
    },
    maps={
        "metric": lambda run: run.data.metrics,
        "param": lambda run: run.data.params,
        "tag": lambda run: run.data.tags,
    },
    numbers=frozenset({"start_time", "end_time"}),
    aliases={
        **dict.fromkeys(("created", "Created"), "start_time"),
        **dict.fromkeys(("run name", "Run name", "Run Name"), "run_name"),
    },
)
REGISTERED_MODELS: Vocabulary[RegisteredModel] = Vocabulary(
    attributes={
        "name": lambda model: model.name,
        "creation_timestamp": lambda model: model.creation_timestamp,
        "last_updated_timestamp": lambda model: model.last_updated_timestamp,
    },
    maps={"tag": lambda model: {PROMPT_TAG: "false", **model.tags}},
    numbers=frozenset({"creation_timestamp", "last_updated_timestamp"}),
    without_prompts=True,
)
MODEL_VERSIONS: Vocabulary[ModelVersion] = Vocabulary(
    attributes={
        "name": lambda version: version.name,
        "version_number": lambda version: int(version.version),
        "run_id": lambda version: version.run_id,
        "source_path": lambda version: version.source,
        "creation_timestamp": lambda version: version.creation_timestamp,
        "last_updated_timestamp": lambda version: version.last_updated_timestamp,
    },
    maps={"tag": lambda version: {PROMPT_TAG: "false", **version.tags}},
    numbers=frozenset({"version_number", "creation_timestamp", "last_updated_timestamp"}),
    without_prompts=True,
)

EXPERIMENTS: Vocabulary[Experiment] = Vocabulary(
    attributes={
        "experiment_id": lambda experiment: experiment.experiment_id,
        "name": lambda experiment: experiment.name,
        "creation_time": lambda experiment: experiment.creation_time,
        "last_update_time": lambda experiment: experiment.last_update_time,
    },
    maps={"tag": lambda experiment: experiment.tags},
    numbers=frozenset({"creation_time", "last_update_time"}),
)

_PLACE = re.compile("[0-9]{1,18}")
_KINDS = {
    **dict.fromkeys(("metric", "metrics"), "metric"),
    **dict.fromkeys(("param", "params", "parameter", "parameters"), "param"),
    **dict.fromkeys(("tag", "tags"), "tag"),
    **dict.fromkeys(("attribute", "attributes", "attr", "run"), "attribute"),
}
_NUMERIC: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne, "<=": operator.le, "<": operator.lt,
}  # fmt: skip
_TEXTUAL: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "LIKE": lambda text, pattern: _like(pattern).fullmatch(text) is not None,
    "ILIKE": lambda text, pattern: _like(pattern, re.IGNORECASE).fullmatch(text) is not None,
    "IN": lambda text, texts: text in texts,
    "NOT IN": lambda text, texts: text not in texts,
}
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])
    | (?P<name>\w*[^\W\d]\w*(?:\.(?:[\w.]+|`[^`]+`|"[^"]+"))? | `[^`]+`)
    | (?P<text>'(?:[^']|'')*' | "(?:[^"]|"")*")
    | (?P<sign><=|>=|!=|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE,
)


def condition(text: str | None, words: Vocabulary[T]) -> Callable[[T], bool]:
    """Whether an entity fits a filter; an empty one fits all (but prompts, where models are asked for).

    Raises:
        InvalidArgument: the filter cannot be read; the message points at the place.
    """
    tests = list(_Reader(text, words).comparisons()) if text and text.strip() else []
    if words.without_prompts and PROMPT_TAG not in (text or ""):
        tests += _Reader(f"tags.`{PROMPT_TAG}` != 'true'", words).comparisons()
    return lambda entity: all(test(entity) for test in tests)


def ordered(entities: Iterable[T], order_by: Sequence[str], words: Vocabulary[T]) -> list[T]:
    """Entities by ``"metrics.rmse DESC"`` and the like, the first the most significant, in stable order.

    Those that lack the value go last, those where it is not a number just before them, both ways.
    """
    result = list(entities)
    for clause in reversed(order_by):
        value, descending = _Reader(clause, words).ordering()
        valued = [(value(entity), entity) for entity in result]
        known = [pair for pair in valued if pair[0] is not None and not _is_nan(pair[0])]
        known.sort(key=lambda pair: pair[0], reverse=descending)
        result = [entity for _, entity in known]
        result += [entity for found, entity in valued if _is_nan(found)]
        result += [entity for found, entity in valued if found is None]
    return result


def newest_first(runs: Iterable[Run], order_by: Sequence[str]) -> list[Run]:
    """Runs in the order asked for, and within it by start, the latest first."""
    return ordered(sorted(runs, key=lambda run: (-(run.info.start_time or 0), run.info.run_id)), order_by, RUNS)


def paged(found: Iterable[T], size: int, token: str | None) -> Page[T]:
    """A page of a listing, which is read no further; the token of the next is where that begins.

    Raises:
        InvalidArgument: the page is to hold nothing, or the token is none that a page gave.
    """
    if size < 1:
        raise InvalidArgument(f"a page of {size} items cannot be: it holds 1 or more")
    if token is not None and not _PLACE.fullmatch(token):
        raise InvalidArgument(f"{token!r} is no token of a page")
    start = int(token or 0)
    some = tuple(islice(found, start, min(start + size + 1, sys.maxsize)))
    return Page(some[:size], str(start + size) if len(some) > size else None)


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _like(pattern: str, flags: int = 0) -> re.Pattern[str]:
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(char, re.escape(char)) for char in pattern), flags | re.DOTALL)


class _Reader(Generic[T]):
    """Reads one filter or ordering from left to right."""

    def __init__(self, text: str, words: Vocabulary[T]) -> None:
        self._text = text
        self._words = words
        self._at = 0  # where the token begins that is next
        self._kind = ""
        self._token = ""
        self._end = 0
        self._advance()

    def comparisons(self) -> Iterator[Callable[[T], bool]]:
        while True:
            yield self._comparison()
            if not self._kind:
                return
            if not self._take("AND"):
                self._fail("expected AND or the end; a text goes into quotes, a name with other signs into `backticks`")

    def ordering(self) -> tuple[Callable[[T], Any], bool]:
        _, value = self._operand()
        descending = self._take("DESC")
        if not descending:
            self._take("ASC")
        if self._kind:
            self._fail("expected ASC, DESC or the end")
        return value, descending

    def _comparison(self) -> Callable[[T], bool]:
        numeric, value = self._operand()
        if self._take("IS"):
            wanted = self._take("NOT")
            if not self._take("NULL"):
                self._fail("expected NULL")
            return lambda entity: (value(entity) is not None) == wanted
        known = _NUMERIC if numeric else _TEXTUAL
        at = self._at
        sign = self._token.upper()
        self._advance()
        if sign == "NOT":
            sign = f"NOT {self._token.upper()}"
            self._advance()
        compare = known.get(sign)
        if compare is None:
            self._fail(f"expected one of {', '.join(known)}", at)
        wanted_value = self._several() if sign.endswith("IN") else self._literal(numeric)

        def test(entity: T) -> bool:
            found = value(entity)
            return found is not None and compare(found, wanted_value)

        return test

    def _operand(self) -> tuple[bool, Callable[[T], Any]]:
        """Whether it is a number, and how to find it in an entity."""
        if self._kind != "name":
            self._fail("expected a name such as metrics.rmse")
        at, token = self._at, self._token
        self._advance()
        prefix, dot, rest = token.partition(".")
        kind, key = (_KINDS.get(prefix), _unquoted(rest)) if dot else ("attribute", _unquoted(token))
        if kind == "attribute":
            key = self._words.aliases.get(key, key)
            if key not in self._words.attributes:
                self._unknown("attribute", key, self._words.attributes, at)
            return key in self._words.numbers, self._words.attributes[key]
        if kind is None or kind not in self._words.maps:
            self._unknown("kind", prefix, [f"{name}s" for name in (*self._words.maps, "attribute")], at)
        find = self._words.maps[kind]
        return kind == "metric", lambda entity: find(entity).get(key)

    def _literal(self, numeric: bool) -> str | float:
        if self._kind != ("number" if numeric else "text"):
            self._fail("expected a number" if numeric else "expected a text in quotes")
        token = self._token
        self._advance()
        if not numeric:
            return _unquoted(token)
        return float(token) if any(sign in token for sign in ".eE") else int(token)

    def _several(self) -> frozenset[str | float]:
        if not self._take("("):
            self._fail("expected a list such as ('a', 'b')")
        found = {self._literal(False)}
        while self._take(","):
            found.add(self._literal(False))
        if not self._take(")"):
            self._fail("expected a comma or the end of the list")
        return frozenset(found)

    def _take(self, token: str) -> bool:
        """Whether the next token is that one, which is then passed."""
        taken = self._kind in ("name", "sign") and self._token.upper() == token
        if taken:
            self._advance()
        return taken

    def _advance(self) -> None:
        match = _TOKEN.match(self._text, self._end)
        if match:
            self._kind = match.lastgroup or ""
            self._token = match[self._kind]
            self._at, self._end = match.start(self._kind), match.end()
            return
        rest = self._text[self._end :]
        self._at, self._kind, self._token = len(self._text) - len(rest.lstrip()), "", ""
        if rest.strip():
            self._fail("cannot read this; a name with other signs than letters, digits, _ and . goes into `backticks`")

    def _unknown(self, what: str, got: str, known: Iterable[str], at: int) -> NoReturn:
        names = sorted(known)
        near = get_close_matches(got, names, n=1)
        self._fail(f"unknown {what} {got!r}; known: {', '.join(names)}", at, f"did you mean {near[0]}?" if near else "")

    def _fail(self, why: str, at: int | None = None, tip: str = "") -> NoReturn:
        place = self._at if at is None else at
        raise InvalidArgument(f"{self._text[:place]}>>>{self._text[place:]}: at >>>, {why}", tip=tip)


def _unquoted(token: str) -> str:
    quote = token[:1]
    return token[1:-1].replace(quote * 2, quote) if quote in ("'", '"', "`") and len(token) > 1 else token
