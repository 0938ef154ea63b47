"""Requests that are predicted together get the answers that each would get alone."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import mlpack.pyfunc
import mlpack.sklearn
from mlpack.models import ModelSignature, infer_signature
from mlpack.payloads import JSON, Payload
from mlpack.payloads.joining import join, likeness
from mlpack.table import Table
from mlpack_serving.batching import Answers, Batcher
from mlpack_serving.errors import DeadlineExceeded, PredictionHangs
from mlpack_serving.exchange import UNMARKED, Exchange, Run
from mlpack_serving.runtime import Runtime
from mlpack_serving.scoring import Scorer
from mlpack_serving.settings import Settings

MODELS = Path(__file__).parent / "models"
ROWS = pd.DataFrame(
    {"number": [0.5, 1.5, None, 3.5, 4.5, 9.0], "count": [1, 2, 3, 4, 5, 6], "text": ["a", "b", None, "", "b", "ü"]}
)
PARAMS = {"shape": "array", "factor": 2.0}

numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32) | st.integers(-(2**53), 2**53)
texts = st.none() | st.sampled_from(["a", "b", ""]) | st.text(max_size=3)
rows = st.fixed_dictionaries({"number": numbers, "count": st.integers(-5, 2**40), "text": texts})
tables = st.lists(rows, min_size=1, max_size=3)
bodies = st.one_of(
    tables.map(lambda table: {"dataframe_records": table}),
    tables.map(lambda table: {"dataframe_split": split(table)}),
    tables.map(lambda table: {"inputs": {name: [row[name] for row in table] for name in table[0]}}),
    tables.map(lambda table: {"instances": table}),
)
params = st.fixed_dictionaries(
    {},
    optional={
        "shape": st.sampled_from(["array", "matrix", "list", "map", "frame", "series", "sum"]),
        "factor": st.sampled_from([1.0, 2.0, 3]),
    },
)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    """A pipeline on named columns of several types, some missing."""
    numeric = make_pipeline(SimpleImputer(), StandardScaler())
    text = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    columns = make_column_transformer((numeric, ["number", "count"]), (text, ["text"]))
    model = make_pipeline(columns, LogisticRegression()).fit(ROWS, [0, 1, 0, 1, 0, 1])
    return saved(model, tmp_path_factory.mktemp("mixed") / "model", infer_signature(ROWS))


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    """A model of tensors."""
    data = np.arange(24.0).reshape(8, 3)
    model = RandomForestRegressor(n_estimators=5, random_state=0).fit(data, data.sum(axis=1))
    return saved(model, tmp_path_factory.mktemp("forest") / "model", infer_signature(data))


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    """A model of a user's own that says that it is batchable."""
    path = tmp_path_factory.mktemp("refusing") / "model"
    signature = infer_signature(ROWS[["number", "text"]], params=PARAMS)
    mlpack.pyfunc.save_model(
        path, python_model=MODELS / "refusing.py", signature=signature, pip_requirements=["pandas"]
    )
    return Scorer(mlpack.pyfunc.load_model(path), Settings())


def saved(model: Any, path: Path, signature: ModelSignature) -> Scorer:
    mlpack.sklearn.save_model(model, path, signature=signature)
    return Scorer(mlpack.pyfunc.load_model(path), Settings())


def split(table: list[dict[str, Any]]) -> dict[str, Any]:
    return {"columns": list(table[0]), "data": [[row[name] for name in table[0]] for row in table]}


def body(rows: list[dict[str, Any]], **params: Any) -> bytes:
    return json.dumps({"dataframe_records": rows, **({"params": params} if params else {})}).encode()


def alone(scorer: Scorer, payload: Payload) -> bytes | BaseException:
    return scorer.answer_together([payload], Run())[0]


def shown(answers: Sequence[bytes | BaseException]) -> list[Any]:
    """Answers to compare: bytes, or the kind and message of an error."""
    return [each if isinstance(each, bytes) else (type(each), str(each)) for each in answers]


def served(scorer: Scorer, payloads: Sequence[Payload], most_rows: int, *, inline: bool) -> list[Any]:
    """The answers to payloads that all wait at once."""

    async def ask() -> list[Any]:
        runtime = Runtime(threads=1, timeout=60)
        batcher = Batcher(scorer.answer_together, runtime, most_rows=most_rows, most_waiting=1024, inline=inline)
        if inline:
            batcher.measure(payloads[0])
        return await asyncio.gather(*(batcher.answer(each, exchange()) for each in payloads), return_exceptions=True)

    return shown(asyncio.run(ask()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(bodies, min_size=2, max_size=6), st.integers(1, 8), st.booleans())
def test_rows_of_mixed_types_are_predicted_together_as_alone(
    mixed: Scorer, documents: list[Any], most_rows: int, inline: bool
) -> None:
    payloads = [mixed.read(json.dumps(each).encode(), JSON) for each in documents]
    assert served(mixed, payloads, most_rows, inline=inline) == shown([alone(mixed, each) for each in payloads])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(tables, params), min_size=2, max_size=6), st.integers(1, 8))
def test_each_request_has_its_own_params_and_its_own_fault(
    refusing: Scorer, documents: list[Any], most_rows: int
) -> None:
    payloads = [refusing.read(body(table, **given), JSON) for table, given in documents]
    assert served(refusing, payloads, most_rows, inline=False) == shown([alone(refusing, each) for each in payloads])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.lists(st.floats(-9, 9), min_size=3, max_size=3), min_size=1), min_size=2, max_size=5))
def test_tensors_are_predicted_together_as_alone(forest: Scorer, arrays: list[Any]) -> None:
    payloads = [forest.read(json.dumps({"inputs": array}).encode(), JSON) for array in arrays]
    assert served(forest, payloads, 64, inline=True) == shown([alone(forest, each) for each in payloads])


@pytest.mark.parametrize("bad", [0, 31, 63])
def test_of_64_requests_only_the_bad_one_fails(refusing: Scorer, bad: int) -> None:
    payloads = [refusing.read(body([{"number": -7.0 if at == bad else at, "text": ""}]), JSON) for at in range(64)]
    answers = refusing.answer_together(payloads, Run())
    expected: list[Any] = [b'{"predictions":[%d.0]}' % (2 * at) for at in range(64)]
    assert [each for at, each in enumerate(answers) if at != bad] == expected[:bad] + expected[bad + 1 :]
    assert "-7 is negative" in str(answers[bad])


def test_what_waits_goes_together_and_differing_params_do_not(refusing: Scorer) -> None:
    batches: list[int] = []

    def answer(payloads: Sequence[Payload], run: Run) -> Answers:
        batches.append(len(payloads))
        return refusing.answer_together(payloads, run)

    payloads = [
        refusing.read(body([{"number": at, "text": ""}], factor=factor), JSON)
        for at, factor in enumerate([2.0, 2.0, 3.0, 2.0])
    ]
    answers = gather(answer, payloads)
    assert batches == [3, 1]
    assert answers == [b'{"predictions":[%.1f]}' % each for each in (0, 2, 6, 6)]


def test_tables_of_arrays_and_gaps_are_joined_with_their_like() -> None:
    def table(*cells: Any) -> Table:
        column = np.empty(len(cells), object)
        column[:] = cells
        return Table(("tags",), [column], len(cells))

    some, other, none = table(np.array(["a", "b"])), table(np.array([]), None), table(None, None)
    assert likeness(some) == likeness(other) != likeness(none)
    assert [len(each) if each is not None else each for each in join([some, other]).columns[0]] == [2, 0, None]


def test_a_full_batch_leaves_the_rest_to_the_next() -> None:
    batches: list[int] = []

    def answer(payloads: Sequence[Payload], run: Run) -> Answers:
        batches.append(len(payloads))
        return [b"" for _ in payloads]

    gather(answer, [Payload(np.zeros((3, 1))) for _ in range(7)], most_rows=7)
    assert batches == [2, 2, 2, 1]


def test_a_request_behind_one_that_hangs_is_told_and_never_predicted() -> None:
    release = threading.Event()
    predicted: list[Any] = []

    def answer(payloads: Sequence[Payload], run: Run) -> Answers:
        predicted.extend(payload.data for payload in payloads)
        release.wait(10)
        return [b"" for _ in payloads]

    async def ask() -> list[Any]:
        batcher = Batcher(answer, Runtime(threads=1, timeout=0.1), most_rows=8, most_waiting=1024, inline=False)
        first = asyncio.ensure_future(batcher.answer(Payload("first"), exchange()))
        await asyncio.sleep(0.01)
        answers = await asyncio.gather(first, batcher.answer(Payload("second"), exchange()), return_exceptions=True)
        release.set()
        await asyncio.sleep(0.05)
        return [*answers, await batcher.answer(Payload("third"), exchange())]

    first, second, third = asyncio.run(ask())
    assert isinstance(first, DeadlineExceeded)
    assert isinstance(second, PredictionHangs)
    assert third == b""
    assert predicted == ["first", "third"]


def exchange() -> Exchange:
    return Exchange(0, UNMARKED)


def gather(
    answer: Callable[[Sequence[Payload], Run], Answers], payloads: Sequence[Payload], most_rows: int = 64
) -> Any:
    async def ask() -> Any:
        batcher = Batcher(answer, Runtime(threads=1, timeout=60), most_rows=most_rows, most_waiting=1024, inline=False)
        return await asyncio.gather(*(batcher.answer(each, exchange()) for each in payloads))

    return asyncio.run(ask())
