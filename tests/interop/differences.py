"""Where mlpack differs from MLflow on purpose: every difference that the comparison allows is a rule of this module.

The rules are those of docs/from-mlflow.md. A rule turns what MLflow answered into what mlpack has to answer; what no
rule speaks of has to be equal.
"""

from __future__ import annotations

import ast
import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.interop import lossless
from tests.interop.answers import OK, REFUSED, Answer, Expected
from tests.interop.catalogue.echo_models import TYPES
from tests.interop.catalogue.questions import CELLS, CSV, PARQUET, Question


@dataclass(frozen=True)
class Asked:
    """A question about a case, what a release of MLflow answered, and its answers to the case's other questions."""

    release: str
    case: str
    question: Question
    theirs: Answer
    others: Mapping[str, Answer]

    @property
    def name(self) -> str:
        """The name of the question."""
        return self.question.name


@dataclass(frozen=True)
class Rule:
    """One deliberate difference: which questions it is about, and what mlpack answers instead."""

    why: str
    about: Callable[[Asked], bool]
    instead: Callable[[Asked], Expected]


def comparable(asked: Asked) -> bool:
    """Whether MLflow has an answer: 2.22 does not read Parquet yet."""
    return not (asked.release.startswith("2.") and asked.question.content_type == PARQUET)


def expected(asked: Asked) -> Expected:
    """What mlpack has to answer: by the first rule that is about the question, else what MLflow answered."""
    rule = next((rule for rule in RULES if rule.about(asked)), None)
    return rule.instead(asked) if rule else same(asked.theirs)


def same(theirs: Answer) -> Expected:
    """MLflow's status and value."""
    return Expected(theirs.status, theirs.value() if theirs.status == OK else None)


def named(*patterns: str, case: str = ".*", status: int | None = None) -> Callable[[Asked], bool]:
    """Whether a question has one of these names, in these cases, and MLflow's answer this status."""
    names, cases = re.compile("|".join(patterns)), re.compile(case)

    def about(asked: Asked) -> bool:
        answered = status is None or asked.theirs.status == status
        return answered and bool(names.fullmatch(asked.name) and cases.fullmatch(asked.case))

    return about


def refused(asked: Asked) -> Expected:
    """400, whatever MLflow made of it."""
    return REFUSED


def answered(value: Any) -> Callable[[Asked], Expected]:
    """200 with these predictions."""
    return lambda asked: Expected(OK, {"predictions": value})


def like(name: str, change: Callable[[Any], Any] = lambda value: value) -> Callable[[Asked], Expected]:
    """What MLflow answered to another question of the case, changed in this way."""
    return lambda asked: Expected(OK, change(asked.others[name].value()))


def rewritten(change: Callable[[Any], Any]) -> Callable[[Asked], Expected]:
    """MLflow's answer, each text in it changed in this way."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        if isinstance(value, list):
            return [walk(item) for item in value]
        return change(value) if isinstance(value, str) else value

    return lambda asked: Expected(asked.theirs.status, walk(asked.theirs.value()))


# What the echo of the catalogue tells.

CELL = re.compile(r"(?:split|records|inputs|instances|csv) (.+) as (\w+)")


def of_cell(asked: Asked) -> Expected:
    """What a cell has to become by the lossless rule, in any form of request."""
    found = CELL.fullmatch(asked.name)
    assert found
    cell, kind = CELLS[found[1]], found[2]
    if asked.question.content_type == CSV:
        told = lossless.in_csv(kind, "" if cell is None else json.dumps(cell).strip('"'))
    else:
        told = lossless.in_json(kind, cell)
    return REFUSED if told is None else echoed({kind: told})


def echoed(columns: dict[str, Any]) -> Expected:
    """The echo of these columns, without params."""
    return Expected(OK, {"predictions": {"data": columns, "params": "NoneType None"}})


def from_base64(told: str) -> str:
    """The echo of bytes that MLflow took for the text of their base64."""
    found = re.fullmatch(r"bytes_? (?:np\.bytes_\()?(b'.*?')\)?", told)
    return f"bytes {base64.b64decode(ast.literal_eval(found[1]))!r}" if found else told


def with_column(name: str, told: list[Any]) -> Callable[[Any], Any]:
    """The echo with another column in place of the one of this name."""

    def change(value: Any) -> Any:
        value["predictions"]["data"][name] = told
        return value

    return change


def with_param(name: str, told: str) -> Callable[[Any], Any]:
    """The echo with another param in place of the one of this name."""

    def change(value: Any) -> Any:
        value["predictions"]["params"][name] = told
        return value

    return change


ALL_TYPES = "echo_of_every_type(_optional)?"
ALL_OPTIONAL = "echo_of_every_type_optional"

RULES = [
    Rule("MLflow 2.22 answers 500 to bytes that are not UTF-8", named(".* not UTF-8", status=500), refused),
    Rule(
        "a missing content type is JSON",
        named("split without content type"),
        lambda asked: same(asked.others["split plain"]),
    ),
    # The shape of the input.
    Rule("rows are of one length", named("split ragged"), refused),
    Rule("records have the same keys", named(r"(records|instances|inputs records) missing key in one"), refused),
    Rule("and so have named tensors in rows", named("named tensors rows of unequal number"), refused),
    Rule("null is no table", named("split data null", status=OK), refused),
    Rule("nor are columns", named("(inputs|instances) columns null", case=ALL_OPTIONAL), refused),
    Rule(
        "CSV is read for nested columns", named("csv header only", case="echo_of_nested_types"), like("split no rows")
    ),
    Rule("and for hinted models", named("csv of rows", case="model_hinted_with_maps"), answered([3.0])),
    # Enforcement is lossless.
    Rule("a cell becomes what its column's type holds exactly, or is refused", named(CELL.pattern), of_cell),
    Rule(
        "nothing but true and false goes into a boolean",
        named(
            r"(split|inputs) (null|word|list) in (boolean|alone)", case="echo_of_every_type|pipeline_on_a_mixed_frame"
        ),
        refused,
    ),
    Rule("nor into an optional one", named(r"(split|inputs) (word|list) in boolean", case=ALL_OPTIONAL), refused),
    Rule(
        "null in an optional boolean is missing, not false",
        named("(split|inputs) null in boolean", case=ALL_OPTIONAL),
        like("split plain", with_column("boolean", ["object", ["NoneType None", "bool False"]])),
    ),
    Rule("null is not the word None", named("inputs null in text", case="text_pipeline_on_a_named_column"), refused),
    Rule(
        "nor in an array of words",
        named("nested array with null"),
        rewritten(lambda told: "NoneType None" if told in ("str 'n'", "str 'None'") else told),
    ),
    Rule("1.5 is no integer in a tensor", named("named tensors fraction"), refused),
    Rule("2^63 is no 64-bit integer in a param", named("params large"), refused),
    Rule("but 1.0 is one", named("params float for a count"), like("split plain", with_param("count", "int 1"))),
    Rule(
        "and 1 is a float in a hinted map", named("inputs records", case="model_hinted_with_maps"), answered([1.0, 2.0])
    ),
    Rule(
        "binary is base64 in every form",
        named("(inputs|instances) .*", case=ALL_TYPES, status=OK),
        rewritten(from_base64),
    ),
    Rule(
        "CSV cells may be missing in optional columns, and dates are read",
        named("csv blank cells", case=ALL_OPTIONAL),
        lambda asked: echoed({kind: lossless.in_csv(kind, "") for kind in TYPES}),
    ),
    # What is written.
    Rule(
        "a missing moment is null",
        named("answer (frame of odd values|timestamps)"),
        rewritten(lambda text: None if text == "NaT" else text),
    ),
    Rule("moments are ISO text in arrays, too", named("answer dates"), answered(["2024-01-02T00:00:00", None])),
    Rule("base64 has no line breaks", named("answer bytes.*"), rewritten(lambda text: text.replace("\n", ""))),
    Rule("a set is a list", named("answer set"), answered([1])),
    Rule("a decimal is a number", named("answer decimal"), answered(1.5)),
    Rule("what is the machine's fault is the server's", named("answer os error"), lambda asked: Expected(500)),
]

#: Inputs in Python, by case and place in the case's list, that MLflow refuses though no value would be lost.
ACCEPTED = {
    ("echo_of_a_tensor", 2): "64-bit floats that 32 bits hold, for a tensor of 32-bit floats",
    ("echo_of_a_tensor", 3): "nested lists for a tensor",
    ("tensor_signature", 1): "nested lists for a tensor",
    ("tensor_signature", 4): "32-bit floats for a tensor of 64-bit floats",
    ("pipeline_on_a_mixed_frame", 2): "records whose numbers come as Python's, for 32-bit columns",
}
