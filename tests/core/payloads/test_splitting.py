"""A CSV file that is cut into chunks reads as it does whole, whatever is in it."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from mlpack.errors import InvalidInput
from mlpack.manifest import Model
from mlpack.payloads import CSV, decode
from mlpack.payloads.files import chunks
from mlpack.schema import ColSpec, Schema
from mlpack.signature import ModelSignature

#: What decides where a row ends, and what does not.
TEXT = st.text(st.sampled_from('a"", \n\n\r\v'), max_size=30)
ONE, TWO = (
    Model(signature=ModelSignature(inputs=Schema([ColSpec("string", name) for name in names]))) for names in ("a", "ab")
)


def read(text: str, model: Model, rows: int | None) -> list[tuple[object, ...]] | str:
    """The rows of a CSV text, read whole or in chunks; or what is wrong with it."""
    body = text.encode()
    try:
        payloads = [decode(body, CSV, model)] if rows is None else chunks(io.BytesIO(body), CSV, model, rows)
        return [row for payload in payloads for row in payload.data.frame().itertuples(index=False, name=None)]
    except InvalidInput as error:
        return str(error)


@given(TEXT, st.integers(1, 4))
def test_a_file_in_chunks_reads_as_it_does_whole(text: str, rows: int) -> None:
    for header, model in (("a\n", ONE), ("a,b\n", TWO), ('"a","b"\r\n', TWO)):
        whole = read(header + text, model, None)
        assert str(read(header + text, model, rows)) == str(whole)
        lines = header + text.replace("a", "a,")
        assert str(read(lines, model, rows)) == str(read(lines, model, None))
