"""mlpack.models: info, editing and trying out, by the names that users of mlflow.models know."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LinearRegression

import mlpack.sklearn
from mlpack import models
from mlpack.errors import InvalidArgument, SchemaMismatch, UnsafePackage

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 1.0]})
MODEL = LinearRegression().fit(FRAME, [1.0, 2.0, 3.0])


@pytest.fixture
def package(tmp_path: Path) -> Path:
    mlpack.sklearn.save_model(MODEL, tmp_path / "model", input_example=FRAME)
    return tmp_path / "model"


def test_info_tells_what_the_manifest_says(package: Path) -> None:
    info = models.get_model_info(package)
    assert sorted(info.flavors) == ["python_function", "sklearn"]
    assert info.signature == models.infer_signature(FRAME, pd.Series(MODEL.predict(FRAME)))
    assert info.saved_input_example_info is not None
    assert len(info.model_uuid or "") == 32


def test_a_signature_can_be_set_afterwards(package: Path) -> None:
    signature = models.infer_signature(FRAME[["b", "a"]].astype("float32"))
    models.set_signature(package, signature)
    assert models.Model.load(package).signature == signature
    mlpack.pyfunc.load_model(package)


def test_only_a_signature_can_be_set(package: Path) -> None:
    with pytest.raises(InvalidArgument, match="not a ModelSignature"):
        models.set_signature(package, {"inputs": []})  # type: ignore[arg-type]


def test_requirements_can_be_added_and_removed_and_the_package_stays_whole(package: Path) -> None:
    models.update_model_requirements(package, "add", ["tqdm>=4"])
    assert "tqdm>=4" in (package / "requirements.txt").read_text().splitlines()
    assert "tqdm>=4" in yaml.safe_load((package / "conda.yaml").read_text())["dependencies"][-1]["pip"]
    models.update_model_requirements(package, "remove", ["tqdm"])
    assert "tqdm" not in (package / "requirements.txt").read_text()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mlpack.pyfunc.load_model(package)


def test_a_hostile_requirement_is_refused(package: Path) -> None:
    before = (package / "requirements.txt").read_text()
    with pytest.raises(UnsafePackage):
        models.update_model_requirements(package, "add", ["--index-url=http://localhost/"])
    assert (package / "requirements.txt").read_text() == before


def test_an_example_converts_to_the_request_that_the_server_takes(package: Path) -> None:
    body = models.convert_input_example_to_serving_input(FRAME)
    assert body is not None
    answer = models.validate_serving_input(package, body)
    assert np.array_equal(answer, MODEL.predict(FRAME))
    assert models.convert_input_example_to_serving_input(None) is None


def test_a_wrong_request_names_the_column(package: Path) -> None:
    with pytest.raises(SchemaMismatch, match="'b'"):
        models.validate_serving_input(package, {"dataframe_records": [{"a": 1.0, "b": "x"}]})


def test_predict_writes_json(package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models.predict(package, FRAME)
    models.predict(package, input_data=FRAME, content_type="csv", output_path=tmp_path / "answer.json")
    printed, stored = json.loads(capsys.readouterr().out), json.loads((tmp_path / "answer.json").read_text())
    assert printed == stored
    assert printed["predictions"] == pytest.approx([1.0, 2.0, 3.0])


def test_predict_takes_one_input(package: Path) -> None:
    with pytest.raises(InvalidArgument, match="either"):
        models.predict(package)
