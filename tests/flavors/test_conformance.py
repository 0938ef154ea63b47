"""What every flavor must do, with models that its real framework made."""

from __future__ import annotations

from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from typing import cast

import numpy as np
import orjson
import pandas as pd
import pytest
from packaging.requirements import Requirement
from starlette.testclient import TestClient

import mlpack.pyfunc
from mlpack import plugins
from mlpack.errors import InvalidArgument
from mlpack.models import get_model_info
from mlpack.payloads import JSON, encode_json
from mlpack.signature import infer_signature
from mlpack_serving.app import ScoringApp
from mlpack_serving.draining import DrainingServer
from mlpack_serving.exchange import Run
from mlpack_serving.listening import bind
from mlpack_serving.scoring import Answer, Request, Scorer
from mlpack_serving.settings import Settings
from tests.flavors.answers import assert_equal, rows_of
from tests.flavors.cases import Case

CASES = Path(__file__).with_name("cases")
#: Headers that differ from answer to answer.
_VARYING = ("date", "x-request-id", "server-timing")


def test_every_built_in_flavor_has_cases() -> None:
    assert sorted(path.stem for path in CASES.glob("[!_]*.py")) == sorted(plugins.BUILT_IN)


def test_the_native_model_survives_the_round_trip(flavor: str, case: Case, package: Path) -> None:
    native = plugins.get(flavor).load_model(package)
    assert type(native).__name__ == (case.read_as or type(case.model).__name__)
    assert_equal(case.predict(native, case.data), case.predict(case.model, case.data))


def test_pyfunc_predicts_what_the_framework_does(case: Case, package: Path) -> None:
    answer = mlpack.pyfunc.load_model(package).predict(case.data)
    assert_equal(answer, case.predict(case.model, case.data))


def test_the_signature_describes_the_example_and_its_answer(case: Case, package: Path) -> None:
    answer = case.predict(case.model, case.data)
    if isinstance(case.data, pd.DataFrame) and isinstance(answer, np.ndarray) and answer.ndim == 1:
        answer = pd.Series(answer)
    assert get_model_info(package).signature == infer_signature(case.data, answer)


def test_the_server_answers_its_example_as_the_framework_does(case: Case, package: Path) -> None:
    with TestClient(ScoringApp(mlpack.pyfunc.load_model(package), Settings())) as client:
        body = (package / "serving_input_example.json").read_bytes()
        response = client.post("/invocations", content=body, headers={"content-type": JSON})
    assert response.status_code == 200, response.text
    wanted = orjson.loads(encode_json(case.predict(case.model, case.data)))
    assert_equal(orjson.loads(response.content)["predictions"], wanted["predictions"])


def test_the_fast_lane_answers_as_the_application_does(case: Case, package: Path) -> None:
    settings = Settings(port=0)
    app, listener = ScoringApp(mlpack.pyfunc.load_model(package), settings), bind(settings)
    started = Event()
    server = DrainingServer(app, settings, started.set)
    thread = Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        assert started.wait(60)
        body = (package / "serving_input_example.json").read_bytes()
        (port, kinds) = (listener.getsockname()[1], ("application/json", "application/json, text/html;q=0.5"))
        in_lane, in_application = (ask(port, body, accept) for accept in kinds)
    finally:
        server.should_exit = True
        thread.join()
    assert in_lane == in_application
    assert in_lane[0] == 200


def ask(port: int, body: bytes, accept: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers but those that vary, and body of an answer; the lane takes the usual kinds of ``accept``."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/invocations", body, {"content-type": JSON, "accept": accept})
    response = connection.getresponse()
    headers = [pair for pair in response.getheaders() if pair[0] not in _VARYING]
    content = response.read()
    connection.close()
    return response.status, headers, content


def test_the_requirements_pin_the_framework_and_let_mlflow_serve(flavor: str, package: Path) -> None:
    lines = [Requirement(line) for line in (package / "requirements.txt").read_text().splitlines()]
    pinned = {line.name for line in lines if str(line.specifier).startswith("==")}
    assert "mlflow" in {line.name for line in lines}
    assert plugins.get(flavor).distribution in pinned


def test_an_unknown_option_is_refused(flavor: str, case: Case, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="unknown option"):
        plugins.get(flavor).save_model(case.model, tmp_path / "model", no_such_option=1)
    assert not (tmp_path / "model").exists()


def test_what_is_no_model_of_the_framework_is_refused(flavor: str, case: Case, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument):
        plugins.get(flavor).save_model(object(), tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_rows_that_may_be_joined_are_predicted_alone_as_together(case: Case, package: Path) -> None:
    model = mlpack.pyfunc.load_model(package)
    if not model.row_wise:
        pytest.skip("requests of this model are never joined")
    count = len(case.data)
    whole = np.asarray(model.predict(case.data))
    alone = [np.asarray(model.predict(rows_of(case.data, [row]))) for row in range(count)]
    halves = [np.asarray(model.predict(rows_of(case.data, rows))) for rows in np.array_split(range(count), 2)]
    order = np.random.default_rng(0).permutation(count)
    shuffled = np.asarray(model.predict(rows_of(case.data, order)))
    assert np.array_equal(np.concatenate(alone), whole)
    assert np.array_equal(np.concatenate(halves), whole)
    assert np.array_equal(shuffled, whole[order])


def test_requests_that_wait_are_answered_as_each_alone(case: Case, package: Path) -> None:
    model = mlpack.pyfunc.load_model(package)
    if not model.row_wise:
        pytest.skip("requests of this model are never joined")
    scorer = Scorer(model, Settings())
    bodies = [encode_rows(rows_of(case.data, [row])) for row in range(len(case.data))]
    payloads = [scorer.read(body, JSON) for body in bodies]
    assert scorer.answer_together(payloads, Run()) == [
        cast(Answer, scorer.answer(Request(body, JSON), Run())).body for body in bodies
    ]


def encode_rows(rows: object) -> bytes:
    """A request for some rows."""
    if isinstance(rows, np.ndarray):
        return orjson.dumps({"inputs": rows.tolist()})
    return orjson.dumps({"dataframe_split": rows.to_dict("split")})  # type: ignore[attr-defined]  # else it is a frame
