from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlpack.errors import LimitExceeded, MalformedPayload, SchemaMismatch
from mlpack.manifest import Model
from mlpack.payloads import Limits, decode
from mlpack.schema import ColSpec, Schema, TensorSpec
from mlpack.signature import ModelSignature

SCHEMA = Schema([ColSpec("double", "a"), ColSpec("string", "b")])


def ask(text: str | bytes, schema: Schema | None = SCHEMA, **limits: int) -> Any:
    body = text.encode() if isinstance(text, str) else text
    signature = None if schema is None else ModelSignature(inputs=schema)
    return decode(body, "text/csv", Model(signature=signature), Limits(**limits)).data


def test_the_signature_says_what_the_text_of_a_cell_means() -> None:
    schema = Schema(
        [ColSpec("long", "n"), ColSpec("boolean", "yes"), ColSpec("datetime", "day"), ColSpec("string", "id")]
    )
    frame = ask("id,yes,n,day\n007,true,1.0,2024-01-02\n", schema).frame()
    assert frame.loc[0, ["n", "yes", "id"]].tolist() == [1, True, "007"]
    assert frame["day"].dtype == "datetime64[ns]"


def test_a_cell_that_does_not_fit_is_refused_with_its_row() -> None:
    with pytest.raises(SchemaMismatch, match="'a' expects double, got text that is not a number in row 1"):
        ask("a,b\n1,x\nsecret,y\n")


def test_quotes_line_ends_and_blank_lines_are_read_as_usual() -> None:
    table = ask('\ufeffb,a\r\n"x,""y""\nz",1\r\n\r\n   \nlast,2')
    assert table.columns[1].tolist() == ['x,"y"\nz', "last"]
    assert table.columns[0].tolist() == [1.0, 2.0]


def test_missing_is_what_pandas_calls_so_but_in_text_only_nothing_is() -> None:
    frame = ask("a,b\nNA,NA\nnull,\n").frame()
    assert frame["a"].isna().all()
    assert frame["b"][0] == "NA"
    assert frame["b"].isna().tolist() == [False, True]


def test_a_tensor_is_the_matrix_of_all_columns() -> None:
    array = ask("x,y\n1,2\n3,4\n", Schema([TensorSpec(np.dtype("float32"), (-1, 2))]))
    assert array.dtype == np.float32
    assert array.tolist() == [[1, 2], [3, 4]]


def test_without_a_signature_pandas_infers() -> None:
    frame = ask(",n,text\n0,1,x\n1,2,\n", None)
    assert list(frame.columns) == ["Unnamed: 0", "n", "text"]
    assert frame["n"].dtype == np.int64


def test_a_header_alone_is_no_rows() -> None:
    assert ask("a,b\n").rows == 0
    assert ask("a,b\n", None).shape == (0, 2)


@pytest.mark.parametrize("schema", [SCHEMA, None])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("a,b\n1,x\n2\n", "line 3 has 1 cells, the header has 2"),
        ('a,b\n1,"x\ny"\n2,x,3\n', "line 4 has 3 cells"),
        ("a,a\n1,2\n", "line 1 has 'a' twice"),
        ("a,b\n1,x\n2,\0\n", "line 3 of the CSV input has a NUL"),
        ('a,b\n1,"x', "line 2 is not CSV"),
        (b"a,b\n1,x\n2,\xff\n", "line 3 of the CSV input is not UTF-8"),
        ("a,b\n1,".encode("utf-16"), "not UTF-8"),
    ],
)
def test_a_broken_text_is_refused_with_the_line(schema: Schema | None, text: str | bytes, message: str) -> None:
    with pytest.raises(MalformedPayload, match=message):
        ask(text, schema)


def test_columns_and_cells_are_limited() -> None:
    with pytest.raises(LimitExceeded, match="columns"):
        ask("a,b,c\n1,x,y\n", columns=2)
    with pytest.raises(LimitExceeded, match="cells"):
        ask("a,b\n" + "1,x\n" * 3, cells=5)
