"""The HTTP requests that a server of a case is asked: every form of input, and every way to get it wrong."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .cases import Case

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"


@dataclass(frozen=True)
class Question:
    """One request; ``content_type`` None means that the header is absent."""

    name: str
    body: bytes
    content_type: str | None = JSON
    method: str = "POST"
    path: str = "/invocations"


def questions(case: Case) -> list[Question]:
    """All questions of one case, each with a name of its own."""
    asked = [ask(name, body) for name, body in case.bodies.items()]
    asked += of_cells(case.cells)
    samples = case.inputs()
    if samples:
        asked += _of_sample(samples[0])
    return asked


def _of_sample(sample: Any) -> Iterator[Question]:
    if isinstance(sample, pd.DataFrame):
        yield from of_frame(sample)
        return
    if isinstance(sample, dict):
        return
    values = sample.toarray() if hasattr(sample, "toarray") else sample
    yield from of_rows(values.tolist() if isinstance(values, np.ndarray) else values)


def ask(name: str, body: Any) -> Question:
    """A question whose body is JSON."""
    return Question(name, json.dumps(body, default=_plain).encode())


def _plain(value: Any) -> Any:
    """What JSON has no word for, as the scoring protocol writes it: base64 and ISO text."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if hasattr(value, "isoformat") else value.item()


def of_frame(frame: pd.DataFrame) -> Iterator[Question]:
    """A table in each form, then spoilt in each way."""
    names = [str(name) for name in frame.columns]
    rows = [[None if _missing(cell) else cell for cell in row] for row in frame.astype(object).to_numpy().tolist()]
    yield from _split(names, rows)
    yield from _records(names, rows)
    yield from _column_major(names, rows)
    yield from _files(frame)
    yield from _broken_bodies()
    for column in (names[0], names[-1]):
        yield from _changed_cells(names, rows, column, {"null": None, "word": "abc", "list": [1]})


def _missing(cell: Any) -> bool:
    return cell is None or cell is pd.NaT or (isinstance(cell, float) and cell != cell)


def _split(names: list[str], rows: list[list[Any]]) -> Iterator[Question]:
    whole = {"columns": names, "data": rows}
    forms: dict[str, Any] = {
        "plain": whole,
        "with index": {**whole, "index": list(range(10, 10 + len(rows)))},
        "without columns": {"data": rows},
        "reordered": {"columns": names[::-1], "data": [row[::-1] for row in rows]},
        "extra column": {"columns": [*names, "extra"], "data": [[*row, "e"] for row in rows]},
        "missing first column": {"columns": names[1:], "data": [row[1:] for row in rows]},
        "missing all columns": {"columns": ["other"], "data": [[1] for _ in rows]},
        "duplicated column": {"columns": [*names, names[0]], "data": [[*row, row[0]] for row in rows]},
        "ragged": {"columns": names, "data": [rows[0], rows[0][:-1]]},
        "too few names": {"columns": names[:-1], "data": rows},
        "index of another length": {**whole, "index": [0]},
        "unknown key": {**whole, "orient": "split"},
        "without data": {"columns": names},
        "no rows": {"columns": names, "data": []},
        "null": None,
        "text": "abc",
        "a list": rows,
        "data of scalars": {"columns": names, "data": [1, 2]},
        "data null": {"columns": names, "data": None},
        "columns a word": {"columns": "abc", "data": rows},
    }
    for name, form in forms.items():
        yield ask(f"split {name}", {"dataframe_split": form})
    yield ask("split with params", {"dataframe_split": whole, "params": {"unheard_of": 1}})
    yield ask("split with params null", {"dataframe_split": whole, "params": None})
    yield ask("split with params a list", {"dataframe_split": whole, "params": [1]})
    yield ask("split with sibling", {"dataframe_split": whole, "id": "r-1", "signature_name": "s"})
    yield ask("split and records", {"dataframe_split": whole, "dataframe_records": []})
    body = json.dumps({"dataframe_split": whole}, default=_plain)
    yield Question("split without content type", body.encode(), None)
    yield Question("split with charset", body.encode(), "application/json; charset=UTF-8")
    yield Question("split with quoted charset", body.encode(), 'application/json; charset="utf-8"')
    yield Question("split with other charset", body.encode(), "application/json; charset=latin-1")
    yield Question("split with parameter", body.encode(), "application/json; format=pandas-split")
    yield Question("split as text", body.encode(), "text/plain")
    yield Question("split in capitals", body.encode(), "Application/JSON")
    yield Question("split by PUT", body.encode(), method="PUT")
    yield Question("split indented", json.dumps(json.loads(body), indent=2).encode())
    yield Question("split after a byte order mark", b"\xef\xbb\xbf" + body.encode())


def _records(names: list[str], rows: list[list[Any]]) -> Iterator[Question]:
    records = [dict(zip(names, row, strict=True)) for row in rows]
    forms: dict[str, Any] = {
        "plain": records,
        "keys reordered": [dict(reversed(record.items())) for record in records],
        "extra key": [{**record, "extra": 1} for record in records],
        "missing key in one": [*records, dict(list(records[0].items())[1:])],
        "missing key in all": [dict(list(record.items())[1:]) for record in records],
        "empty": [],
        "empty record": [{}],
        "a map": records[0],
        "null": None,
        "of scalars": [1],
        "of lists": rows,
        "with null": [records[0], None],
    }
    for name, form in forms.items():
        yield ask(f"records {name}", {"dataframe_records": form})
    for name in ("plain", "extra key", "missing key in all", "missing key in one", "of lists"):
        yield ask(f"instances {name}", {"instances": forms[name]})
        yield ask(f"inputs records {name}", {"inputs": forms[name]})


def _column_major(names: list[str], rows: list[list[Any]]) -> Iterator[Question]:
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    first = {name: cells[0] for name, cells in columns.items()}
    forms: dict[str, Any] = {
        "plain": columns,
        "extra": {**columns, "extra": [0] * len(rows)},
        "missing": dict(list(columns.items())[1:]),
        "unequal lengths": {**columns, names[0]: [*columns[names[0]], rows[0][0]]},
        "scalars": first,
        "list of first column": columns[names[0]],
        "empty list": [],
        "empty map": {},
        "null": None,
        "number": 1,
        "text": "abc",
    }
    for name, form in forms.items():
        yield ask(f"inputs columns {name}", {"inputs": form})
    for name in ("plain", "empty list", "null", "number"):
        yield ask(f"instances columns {name}", {"instances": forms[name]})


def _files(frame: pd.DataFrame) -> Iterator[Question]:
    text = {
        "plain": frame.to_csv(index=False),
        "with index": frame.to_csv(),
        "reordered": frame[frame.columns[::-1]].to_csv(index=False),
        "missing column": frame[frame.columns[1:]].to_csv(index=False) if len(frame.columns) > 1 else "other\n1\n",
        "header only": frame[:0].to_csv(index=False),
        "quoted": frame.to_csv(index=False, quoting=1),
        "crlf": frame.to_csv(index=False, lineterminator="\r\n"),
        "empty": "",
        "ragged": frame.to_csv(index=False) + ",".join(["1"] * (len(frame.columns) + 1)) + "\n",
        "words": ",".join(map(str, frame.columns)) + "\n" + ",".join(["abc"] * len(frame.columns)) + "\n",
        "blank cells": ",".join(map(str, frame.columns)) + "\n" + "," * (len(frame.columns) - 1) + "\n",
    }
    for name, body in text.items():
        yield Question(f"csv {name}", body.encode(), CSV)
    yield Question("csv with charset", text["plain"].encode(), "text/csv; charset=utf-8")
    yield Question("csv not UTF-8", b"a\n\xff\n", CSV)
    for name, table in {
        "plain": frame,
        "reordered": frame[frame.columns[::-1]],
        "missing column": frame[frame.columns[1:]],
        "extra column": frame.assign(extra=1),
        "no rows": frame[:0],
        "indexed": frame.set_axis(range(7, 7 + len(frame))),
    }.items():
        yield Question(f"parquet {name}", parquet(table), PARQUET)
    yield Question("parquet broken", b"PAR1 not really", PARQUET)
    yield Question("parquet empty", b"", PARQUET)


def parquet(frame: pd.DataFrame) -> bytes:
    """The table as a Parquet file."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


def _broken_bodies() -> Iterator[Question]:
    bodies = {
        "empty": b"",
        "not JSON": b"{not json",
        "cut short": b'{"inputs": [1, 2',
        "a list": b"[1, 2]",
        "a number": b"3",
        "null": b"null",
        "no key": b"{}",
        "other key": b'{"data": [1]}',
        "only params": b'{"params": {}}',
        "two keys": b'{"inputs": [1], "instances": [1]}',
        "not UTF-8": b'{"inputs": ["\xff"]}',
        "trailing words": b'{"inputs": [1]} more',
        "NUL": b"\x00",
    }
    for name, body in bodies.items():
        yield Question(f"body {name}", body)
    yield Question("GET invocations", b"", None, "GET")
    yield Question("GET nothing", b"", None, "GET", "/nothing")
    yield Question("POST nothing", b"{}", JSON, "POST", "/nothing")
    for path in ("/ping", "/health"):
        yield Question(f"GET {path}", b"", None, "GET", path)
    yield Question("POST /ping", b"{}", JSON, "POST", "/ping")


def _changed_cells(names: list[str], rows: list[list[Any]], column: str, cells: dict[str, Any]) -> Iterator[Question]:
    """The table with one cell changed, as split, records and column lists."""
    at = names.index(column)
    for what, cell in cells.items():
        changed = [list(row) for row in rows]
        changed[0][at] = cell
        yield ask(f"split {what} in {column}", {"dataframe_split": {"columns": names, "data": changed}})
        columns = {name: [row[index] for row in changed] for index, name in enumerate(names)}
        yield ask(f"inputs {what} in {column}", {"inputs": columns})


#: What may stand in one cell of a JSON request, by a name that says it.
CELLS: dict[str, Any] = {
    "null": None,
    "true": True,
    "zero": 0,
    "one": 1,
    "three": 3,
    "three point zero": 3.0,
    "fraction": 1.5,
    "2^31": 2**31,
    "2^53+1": 2**53 + 1,
    "2^63": 2**63,
    "1e300": 1e300,
    "0.1": 0.1,
    "empty text": "",
    "word": "abc",
    "text of one": "1",
    "text of a fraction": "12.5",
    "text of true": "true",
    "text of NaN": "NaN",
    "date": "2024-01-02",
    "moment": "2024-01-02T03:04:05.123456",
    "moment with zone": "2024-01-02T03:04:05+02:00",
    "base64": "AP8=",
    "broken base64": "AP8",
    "list": [1],
    "map": {"a": 1},
}


def of_cells(types: Sequence[str]) -> Iterator[Question]:
    """Each value in a column of each type, alone and below a good value, in four forms and in CSV."""
    for kind in types:
        for what, cell in CELLS.items():
            name = f"{what} as {kind}"
            yield ask(f"split {name}", {"dataframe_split": {"columns": [kind], "data": [[cell]]}})
            yield ask(f"records {name}", {"dataframe_records": [{kind: cell}]})
            yield ask(f"inputs {name}", {"inputs": {kind: [cell]}})
            yield ask(f"instances {name}", {"instances": [{kind: cell}]})
            if cell is None or isinstance(cell, str | int | float):
                text = "" if cell is None else json.dumps(cell).strip('"')
                yield Question(f"csv {name}", f'{kind},more\n"{text}",\n'.encode(), CSV)


def of_rows(values: Any) -> Iterator[Question]:
    """Values without names, as ``inputs`` and ``instances``, then spoilt."""
    forms: dict[str, Any] = {
        "plain": values,
        "first": values[:1],
        "empty": [],
        "null": None,
        "scalar": 1,
        "text": "abc",
        "a map": {"a": values},
        "one deeper": [values],
        "unwrapped": values[0],
        "ragged": [values[0], values],
        "words": ["abc", "def"],
        "nulls": [None, None],
        "records": [{"a": 1}, {"a": 2}],
        "fractions": [[0.1, 1e300]],
        "texts of numbers": [["1", "2.5"]],
    }
    for name, form in forms.items():
        yield ask(f"inputs {name}", {"inputs": form})
        yield ask(f"instances {name}", {"instances": form})
    rows = values if isinstance(values[0], list) else [[value] for value in values]
    yield ask("split of rows", {"dataframe_split": {"data": rows}})
    yield ask("records of rows", {"dataframe_records": rows})
    yield Question("csv of rows", b"a,b\n1,2\n", CSV)
    yield from _broken_bodies()
