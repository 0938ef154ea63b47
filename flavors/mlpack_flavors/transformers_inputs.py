"""Data as pipelines of transformers take them: rows, texts, prompts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlpack.errors import SchemaMismatch


def decoded(value: Any) -> Any:
    """What a text of JSON stands for; another text is itself."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def rows(data: Any) -> list[Any]:
    """The rows of a frame, as maps of columns, or of a list; anything else is one."""
    if hasattr(data, "iloc"):
        records: list[Any] = data.to_dict(orient="records")
        return records
    return data if isinstance(data, list) else [data]


def texts(data: Any) -> list[str]:
    """The text of each row, which is in its first column; raises SchemaMismatch where it is none."""
    found = [next(iter(row.values())) if isinstance(row, Mapping) else row for row in rows(data)]
    for at, text in enumerate(found):
        if not isinstance(text, str):
            raise SchemaMismatch(None, expected="texts", got=type(text).__name__, row=at)
    return found


def prompts(data: Any, template: str) -> list[str]:
    """The text of each row in a template, which has ``{prompt}`` where it goes."""
    return [template.format(prompt=text) for text in texts(data)]


def one_or_all(values: list[Any]) -> Any:
    """The different texts of a column, or its one value."""
    distinct = [value for at, value in enumerate(values) if value not in values[:at]]
    return distinct if len(distinct) > 1 and all(isinstance(value, str) for value in distinct) else distinct[0]
