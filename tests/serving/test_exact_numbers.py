"""Values go in and out of a live server to the last digit, by the lane and by the application alike."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlpack.pyfunc
from mlpack.models import ModelSignature
from mlpack.schema import ColSpec, Schema, TensorSpec
from tests.serving.conftest import MODELS

if TYPE_CHECKING:
    from tests.serving.conftest import Server, StartServer

#: One header takes a request past the lane.
WAYS = {"lane": (), "application": ("accept: text/html, */*",)}
COLUMNS = {"n": "long", "x": "double", "t": "datetime", "s": "string", "": "long", "ä€ 😀": "boolean"}
#: What a cell may be in a request, and what it is in the answer where that is written in another way.
CELLS: list[tuple[str, str, str]] = [
    *((name, cell, cell) for name in ("n", "") for cell in ("9223372036854775807", "-9223372036854775808")),
    *(("n", cell, cell) for cell in ("9007199254740993", "-9007199254740993", "0")),
    ("n", "7.0", "7"),
    *(
        ("x", cell, cell)
        for cell in ("0.1", "5e-324", "1.7976931348623157e+308", "-0.0", "0.30000000000000004", "null")
    ),
    ("x", "9007199254740992", "9007199254740992.0"),
    ("x", "0.1000000000000000055511151231257827", "0.1"),
    *(("t", f'"2024-01-02T03:04:05{part}"', f'"2024-01-02T03:04:05{part}"') for part in ("", ".123456789")),
    ("t", '"2024-01-02T03:04:05+05:30"', '"2024-01-01T21:34:05"'),
    ("t", '"2024-01-02T03:04:05Z"', '"2024-01-02T03:04:05"'),
    ("t", '"2024-01-02"', '"2024-01-02T00:00:00"'),
    *(("s", cell, cell) for cell in ('"ü😀"', '""', '"\\u0000"', '"\u2028"', '"NaN"', '"1e3"', "null")),
    ("ä€ 😀", "false", "false"),
]
REFUSED = [
    *(("n", cell) for cell in ("9223372036854775808", "-9223372036854775809", "1e19", "0.5", "null", "NaN")),
    *(("x", cell) for cell in ("9007199254740993", "1e999", "-1e999", "NaN", "Infinity", "-Infinity", "nan")),
    *(("t", cell) for cell in ('"2024-02-30"', '"soon"', '"2024-01-02T03:04:05+99:00"', "NaN")),
]
GIVEN = {
    "int64": "[9223372036854775807,-9223372036854775808,9007199254740993]",
    "uint64": "[18446744073709551615,9007199254740993]",
    "scalar uint64": "18446744073709551615",
    "long integers": f"[{10**30},{-(10**30)}]",
    "decimals": "[0.1000000000000000055511151231257827,1E+30,null,null]",
    "doubles": "[0.1,5e-324,1.7976931348623157e+308,-0.0]",
    "float32": "[0.10000000149011612]",
    "gaps": "[null,null,null]",
    "gaps in a list": '[null,{"inf":null},null,null,null]',
    "gaps in a table": '[{"x":1.5,"n":9007199254740993},{"x":null,"n":null}]',
    "times": '["2024-01-02T03:04:05.000678","2024-01-02T03:04:05+05:30","2024-01-02"]',
    "times of numpy": '["2024-01-02T03:04:05.123456789",null]',
    "times of pandas": '[{"t":"2024-01-02T03:04:05+01:00"}]',
    "texts": '["ü😀\u2028\\u0000\\"",""]',
    "duplicate names": '[{"a":2}]',  # as MLflow has it: of one name, the last
    "empty names": '[{"":1,"ä€":2}]',
    "no rows": "[]",
    "no columns": "[{},{}]",
}


def saved(path: Path, signature: ModelSignature | None, code: str) -> str:
    """The package of a model, as ``server`` takes it."""
    mlpack.pyfunc.save_model(path, python_model=MODELS / f"{code}.py", signature=signature, pip_requirements=[])
    return str(path)


@pytest.fixture(scope="module")
def echo(shared_server: StartServer, tmp_path_factory: pytest.TempPathFactory) -> Server:
    signature = ModelSignature(inputs=Schema([ColSpec(kind, name) for name, kind in COLUMNS.items()]))
    return shared_server(saved(tmp_path_factory.mktemp("echo") / "model", signature, "echo"))


@pytest.fixture(scope="module")
def tensor(shared_server: StartServer, tmp_path_factory: pytest.TempPathFactory) -> Server:
    signature = ModelSignature(inputs=Schema([TensorSpec(np.dtype("uint64"), (-1,))]))
    return shared_server(saved(tmp_path_factory.mktemp("tensor") / "model", signature, "echo"))


@pytest.fixture(scope="module")
def giving(shared_server: StartServer, tmp_path_factory: pytest.TempPathFactory) -> Server:
    return shared_server(saved(tmp_path_factory.mktemp("giving") / "model", None, "giving"))


def cells(**given: str) -> dict[str, str]:
    """The JSON of each cell of a row."""
    return {"n": "1", "x": "1.5", "t": '"2024-01-02T00:00:00"', "s": '"a"', "": "2", "ä€ 😀": "true", **given}


def rows(*table: dict[str, str]) -> str:
    """The JSON of records, without spaces, as answers are written."""
    return "[" + ",".join("{" + ",".join(f'"{name}":{cell}' for name, cell in row.items()) + "}" for row in table) + "]"


@pytest.mark.parametrize("headers", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(("name", "sent", "told"), CELLS)
def test_a_value_comes_back_as_it_was_sent(
    echo: Server, headers: tuple[str, ...], name: str, sent: str, told: str
) -> None:
    records = f'{{"dataframe_records": {rows(cells(**{name: sent}), cells())}}}'
    status, answer = echo.post(records.encode(), *headers)
    assert (status, answer.decode()) == (200, f'{{"predictions":{rows(cells(**{name: told}), cells())}}}')
    names = ",".join(f'"{each}"' for each in COLUMNS)
    split = f'{{"dataframe_split": {{"columns": [{names}], "data": [[{",".join(cells(**{name: sent}).values())}]]}}}}'
    status, answer = echo.post(split.encode(), *headers)
    assert (status, answer.decode()) == (200, f'{{"predictions":{rows(cells(**{name: told}))}}}')


@pytest.mark.parametrize("headers", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(("name", "sent"), REFUSED)
def test_what_cannot_be_held_exactly_is_refused(echo: Server, headers: tuple[str, ...], name: str, sent: str) -> None:
    body = f'{{"dataframe_records": {rows(cells(**{name: sent}))}}}'
    assert echo.post(body.encode(), *headers)[0] == 400


@pytest.mark.parametrize("headers", WAYS.values(), ids=WAYS)
def test_unsigned_integers_of_64_bits_go_in_and_out(tensor: Server, headers: tuple[str, ...]) -> None:
    told = (200, b'{"predictions":[18446744073709551615,9007199254740993,0]}')
    assert tensor.post(b'{"inputs": [18446744073709551615, 9007199254740993, 0]}', *headers) == told
    for wrong in (b"18446744073709551616", b"-1", b"1.5", b"1e20"):
        assert tensor.post(b'{"inputs": [%s]}' % wrong, *headers)[0] == 400


@pytest.mark.parametrize("headers", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(("name", "told"), GIVEN.items())
def test_what_a_model_gives_is_strict_json_to_the_last_digit(
    giving: Server, headers: tuple[str, ...], name: str, told: str
) -> None:
    status, answer = giving.post(f'{{"input": "{name}"}}'.encode(), *headers)
    assert (status, answer.decode()) == (200, f'{{"given":{told}}}')


@pytest.mark.parametrize("headers", WAYS.values(), ids=WAYS)
def test_names_that_come_twice_are_refused_and_no_rows_are_no_rows(echo: Server, headers: tuple[str, ...]) -> None:
    names = ",".join(f'"{each}"' for each in COLUMNS)
    empty = f'{{"dataframe_split": {{"columns": [{names}], "data": []}}}}'
    assert echo.post(empty.encode(), *headers) == (200, b'{"predictions":[]}')
    twice = f'{{"dataframe_split": {{"columns": [{names},"n"], "data": [[{",".join(cells().values())},5]]}}}}'
    status, answer = echo.post(twice.encode(), *headers)
    assert (status, b"'n'" in answer) == (400, True)


def test_a_million_rows_are_answered_in_bounded_time_and_memory(server: StartServer) -> None:
    running = server("flowers", cells=2_000_000)
    before = peak(running)
    body = b'{"dataframe_split":{"columns":["length","width"],"data":[' + b"[1.5,2.5],[8.5,7.5]," * 499_999
    body += b"[1.5,2.5],[8.5,7.5]]}}"
    began = time.monotonic()
    status, answer = running.post(body)
    assert time.monotonic() - began < 60
    assert (status, answer) == (200, b'{"predictions":[' + b"0,1," * 499_999 + b"0,1]}")
    assert peak(running) - before < 20 * len(body)
    assert running.post(body.replace(b"]]}}", b"],[1,2]]}}"))[0] == 413


def peak(running: Server) -> int:
    """The most bytes that the process has had in memory."""
    lines = Path(f"/proc/{running.process.pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
