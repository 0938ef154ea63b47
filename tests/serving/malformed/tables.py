"""Requests that are read, and do not fit: shapes of tables, values against the signature, parameters, CSV, Arrow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from tests.serving.malformed import ROW, Case, message

_NAMES, _CELLS = list(ROW), list(ROW.values())
_SHAPES: dict[str, Any] = {
    "two forms": {"dataframe_records": [ROW], "instances": [ROW]},
    "no form": {"rows": [ROW]},
    "another case": {"Dataframe_Records": [ROW]},
    "split without data": {"dataframe_split": {"columns": _NAMES}},
    "rows of other keys": {"dataframe_records": [ROW, {**ROW, "more": 1}]},
    "a row too few keys": {"dataframe_records": [ROW, {"small": 1}]},
    "a row that is none": {"dataframe_records": [ROW, None]},
    "lists of other length": {"inputs": {name: [cell] * (1 + (name == "count")) for name, cell in ROW.items()}},
    "columns beyond the limit": {"dataframe_records": [{**ROW, **{f"c{at}": 1 for at in range(10_000)}}]},
}
_FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")
_NO_TABLES: list[Any] = [None, 1, "a", True, [], {}, [[]], [1], [None], [[ROW]], {"columns": 1}, "[]"]
#: Each takes the place of a part of a table that is right.
_PARTS: list[dict[str, Any]] = [
    {"columns": None}, {"columns": "small"}, {"columns": _NAMES[:-2]}, {"columns": [*_NAMES, "z"]}, {"columns": 1},
    {"columns": [[name] for name in _NAMES]}, {"columns": [_NAMES]}, {"data": None}, {"data": 1}, {"data": {}},
    {"data": _CELLS}, {"data": [_CELLS[:-1]]}, {"data": [[*_CELLS, 1]]}, {"data": [_CELLS, _CELLS[:-1]]},
    {"data": [_CELLS, None]}, {"data": [_CELLS, ROW]}, {"data": [[_CELLS]]}, {"data": "x"}, {"more": 1},
    {"index": 1}, {"index": []}, {"index": [1, 2]}, {"index": [[1]]}, {"index": "a"}, {"index": [{}]},
    {"columns": ["small"] * len(_NAMES)},
]  # fmt: skip
#: What no column of that type can hold.
_MISFITS: dict[str, list[Any]] = {
    "small": [None, True, 1.5, 2**31, -(2**31) - 1, 2**63, 1e10, "a", "", "1.5", [], [1], {}, {"a": 1}],
    "count": [None, True, 1.5, 2**63, -(2**63) - 1, 2**64, 10**30, 1e300, "a", "", "0x1", "1e", [], [1], {}, {"a": 1}],
    "ratio": [True, "a", "", [], [1.5], {}, {"a": 1}, 1e300, 16777217],
    "amount": [True, "a", "", [], [1.5], {}, {"a": 1}, 2**53 + 1, 10**30 + 1],
    "name": [True, 1, 1.5, [], ["a"], {}, {"a": 1}],
    "ok": [None, 0, 1, 1.5, "true", "yes", "", [], [True], {}, {"a": 1}],
    "when": [True, 1.5, "soon", "", "2024-13-01", "2024-02-30", "24:00", [], {}, "9999999-01-01", "2024-01-01T25:00"],
    "raw": [True, 1, 1.5, "=", "a", "AAE", "A A=", "\u00e9", [], {}, "AA=="[:3]],
    "note": [True, 1, 1.5, [], {}],
}  # fmt: skip
_PARAMS: list[Any] = [
    1, "a", [], True, {"least": "a"}, {"least": True}, {"least": [1]}, {"least": {}}, {"most": 1.5},
    {"most": 2**40}, {"most": "1"}, {"most": True}, {"tags": "a"}, {"tags": [1]}, {"tags": [2.5]},
    {"tags": {}}, {"tags": [["a"]]},
]  # fmt: skip
_HEADER = ",".join(_NAMES).encode()
_LINE = b"1,2,0.5,1.5,a,true,2024-01-02,AAEC,"
_CSV = (
    b"", b"\n", b"\r\n\r\n", b",", _LINE, b"\xff\xfe" + _HEADER, _HEADER + b"\n" + _LINE + b",1", _HEADER + b"\n1,2",
    _HEADER + b"\n" + _LINE + b"\n1", _HEADER + b",small\n" + _LINE + b",1", _HEADER + b"\n\"1,2",
    _HEADER + b"\n\"1\"x,2", _HEADER.replace(b",", b";") + b"\n1;2;0.5", _HEADER.replace(b",", b"\t"),
    _HEADER + b"\n" + _LINE + b"\x00", _HEADER + b"\n" + _LINE.replace(b"a", b"\xff"), _HEADER[:20] + b"\n1,2,0.5",
    b"small\n1", b'{"inputs": 1}',
)  # fmt: skip
_CSV_CELLS = (
    (b"1,2,", b"x,2,"), (b"1,2,", b"1.5,2,"), (b"1,2,", b",2,"), (b"1,2,", b"1,9223372036854775808,"),
    (b"0.5", b"half"), (b"true", b"maybe"), (b"2024-01-02", b"soon"), (b"AAEC", b"A"), (b"0.5", b"0,5"),
)  # fmt: skip
_BINARY = (
    b"",
    b"x",
    b"ARROW1\x00\x00",
    b"PAR1",
    b"PAR1" + bytes(50) + b"PAR1",
    b"\xff" * 100,
    bytes(100),
    b"\xff\xff\xff\xff\x10\x00",
)


def tables() -> Iterator[Case]:
    """Every case."""
    yield Case("a row as it should be", _body({"dataframe_records": [ROW]}), refused=False)
    for name, document in _SHAPES.items():
        yield Case(name, _body(document))
    for form in _FORMS:
        for value in _NO_TABLES:
            yield Case(f"{form} {value!r}"[:80], _body({form: value}))
    for part in _PARTS:
        yield Case(f"{part!r}"[:80], _body({"dataframe_split": {"columns": _NAMES, "data": [_CELLS], **part}}))
    for column, values in _MISFITS.items():
        for value in values:
            row = {**ROW, column: value}
            yield Case(f"{column} {value!r} in records", _body({"dataframe_records": [row]}))
            yield Case(f"{column} {value!r} in split", _split([row]))
            yield Case(f"{column} {value!r} in the second row", _split([ROW, row]))
    for column in [name for name in _NAMES if name != "note"]:
        less = {name: cell for name, cell in ROW.items() if name != column}
        yield Case(f"no {column}", _body({"dataframe_records": [less]}))
    for params in _PARAMS:
        yield Case(f"params {params!r}", _body({"dataframe_records": [ROW], "params": params}))
    cells = [_HEADER + b"\n" + _LINE.replace(old, new) for old, new in _CSV_CELLS]
    for text in (*_CSV, *cells):
        yield Case(f"CSV {text[-50:]!r}", message(text, [b"content-type: text/csv"]))
    for kind in (b"application/vnd.apache.arrow.stream", b"application/vnd.apache.parquet"):
        for data in _BINARY:
            yield Case(f"{kind[-12:]!r} {data[:10]!r}", message(data, [b"content-type: " + kind]))


def _split(rows: list[dict[str, Any]]) -> bytes:
    return _body({"dataframe_split": {"columns": _NAMES, "data": [list(row.values()) for row in rows]}})


def _body(document: Any) -> bytes:
    try:
        return message(orjson.dumps(document))
    except TypeError:  # integers of more than 64 bits
        return message(json.dumps(document).encode())
