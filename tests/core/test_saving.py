"""Saving: a package is whole or not there, whatever goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LogisticRegression

import mlpack.sklearn
from mlpack.errors import InvalidArgument, TargetNotEmpty
from mlpack.models import ModelSignature, infer_signature

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
MODEL = LogisticRegression().fit(FRAME, [0, 0, 1, 1])


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What 60 faults left, from a process of its own."""
    if sys.platform == "win32":
        pytest.skip("forks and kills")
    script = Path(__file__).with_name("save_faults.py")
    command = [sys.executable, str(script), str(tmp_path_factory.mktemp("faults"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outcomes: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(outcomes) == 60
    return outcomes


@pytest.mark.parametrize("fault", ["fail", "full"])
def test_twenty_failing_writes_are_errors_that_leave_nothing_behind(faults: list[dict[str, Any]], fault: str) -> None:
    outcomes = [entry for entry in faults if entry["fault"] == fault]
    assert len(outcomes) == 20
    assert [entry for entry in outcomes if entry["whole"] or entry["hidden"]] == []
    assert all(entry["status"] != 0 for entry in outcomes)


def test_twenty_kills_leave_no_visible_package_and_the_next_save_cleans_up(faults: list[dict[str, Any]]) -> None:
    outcomes = [entry for entry in faults if entry["fault"] == "kill"]
    assert len(outcomes) == 20
    assert [entry for entry in outcomes if entry["whole"]] == []
    assert any(entry["hidden"] for entry in outcomes)


def test_after_any_fault_the_next_save_works_and_is_alone_in_its_folder(faults: list[dict[str, Any]]) -> None:
    assert [entry for entry in faults if entry["after"] != ["model"]] == []


def test_a_package_holds_the_files_that_mlflow_writes(tmp_path: Path) -> None:
    mlpack.sklearn.save_model(MODEL, tmp_path / "model", input_example=FRAME)
    assert sorted(entry.name for entry in (tmp_path / "model").iterdir()) == [
        "MLmodel",
        "conda.yaml",
        "input_example.json",
        "model.pkl",
        "python_env.yaml",
        "requirements.txt",
        "serving_input_example.json",
    ]


def test_the_manifest_names_mlflows_loader_and_keeps_ours_under_one_key(tmp_path: Path) -> None:
    mlpack.sklearn.save_model(MODEL, tmp_path / "model", metadata={"team": "risk"})
    manifest = yaml.safe_load((tmp_path / "model" / "MLmodel").read_text())
    assert manifest["flavors"]["python_function"]["loader_module"] == "mlflow.sklearn"
    assert manifest["metadata"] == {"team": "risk"}
    assert sorted(manifest["mlpack"]) == ["digests", "version"]
    assert "model.pkl" in manifest["mlpack"]["digests"]


def test_the_signature_is_inferred_from_the_example_and_its_prediction(tmp_path: Path) -> None:
    mlpack.sklearn.save_model(MODEL, tmp_path / "model", input_example=FRAME)
    expected = infer_signature(FRAME, pd.Series(MODEL.predict(FRAME)))
    assert mlpack.models.get_model_info(tmp_path / "model").signature == expected


def test_a_signature_of_false_is_left_out(tmp_path: Path) -> None:
    mlpack.sklearn.save_model(MODEL, tmp_path / "model", input_example=FRAME, signature=False)
    assert mlpack.models.get_model_info(tmp_path / "model").signature is None


def test_an_example_that_cannot_be_predicted_is_a_warning_and_the_model_is_saved(tmp_path: Path) -> None:
    wrong = pd.DataFrame({"a": ["x"], "b": ["y"]})
    with pytest.warns(UserWarning, match="input_example cannot be predicted"):
        mlpack.sklearn.save_model(MODEL, tmp_path / "model", input_example=wrong)
    signature = mlpack.models.get_model_info(tmp_path / "model").signature
    assert isinstance(signature, ModelSignature)
    assert signature.outputs is None


def test_a_target_that_holds_something_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(TargetNotEmpty, match="not an empty folder"):
        mlpack.sklearn.save_model(MODEL, tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_folder_is_taken_as_target(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    mlpack.sklearn.save_model(MODEL, tmp_path / "model")
    assert (tmp_path / "model" / "MLmodel").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"serialisation_format": "skops"}, "did you mean 'serialization_format'"),
        ({"serialization_format": "joblib"}, "unknown serialization_format 'joblib'"),
        ({"pyfunc_predict_fn": "guess"}, "unknown pyfunc_predict_fn 'guess'"),
        ({"signature": "yes"}, "signature is a str"),
        ({"code_paths": ["no/such/module.py"]}, "does not exist"),
        ({"input_example": object()}, "input_example is a object"),
        ({"model_config": 3}, "model_config must be a map"),
        ({"pip_requirements": ["numpy"], "conda_env": {"dependencies": []}}, "conda_env"),
        ({"sk_model": MODEL}, "given twice"),
    ],
)
def test_bad_options_are_refused_before_anything_is_written(
    tmp_path: Path, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        mlpack.sklearn.save_model(MODEL, tmp_path / "model", **arguments)
    assert message in f"{caught.value} {caught.value.tip}"
    assert list(tmp_path.iterdir()) == []


def test_the_model_may_be_named_as_mlflow_names_it(tmp_path: Path) -> None:
    mlpack.sklearn.save_model(sk_model=MODEL, path=tmp_path / "model")
    assert np.array_equal(mlpack.sklearn.load_model(tmp_path / "model").predict(FRAME), MODEL.predict(FRAME))


def test_code_paths_are_copied_without_caches(tmp_path: Path) -> None:
    module = tmp_path / "features"
    (module / "__pycache__").mkdir(parents=True)
    (module / "__init__.py").write_text("X = 1\n")
    mlpack.sklearn.save_model(MODEL, tmp_path / "model", code_paths=[str(module)])
    copied = tmp_path / "model" / "code"
    assert sorted(entry.relative_to(copied).as_posix() for entry in copied.rglob("*")) == [
        "features",
        "features/__init__.py",
    ]
