"""Models whose code is a file: run by itself, saved, loaded, and wherever it fails."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from mlpack.code_model import ModelConfig, set_model
from mlpack.errors import InvalidArgument, InvalidPackage, MissingFramework
from mlpack.pyfunc import load_model, save_model

FRAME = pd.DataFrame({"x": [1.0, 2.0]})
MODEL = """
from mlpack.models import ModelConfig, set_model
from mlpack.pyfunc import PythonModel
config = ModelConfig(development_config={"by": 100})
class Scaled(PythonModel):
    def predict(self, context, model_input, params=None):
        return [value * config.get("by") for value in model_input["x"]]
set_model(Scaled())
"""
OF_MLFLOW = """
import mlflow
import mlflow.pyfunc
from mlflow.entities import SpanType
from mlflow.exceptions import MlflowException
from mlflow.models import ModelConfig, set_model
from mlflow.types.schema import ColSpec, DataType, Schema
from helper import twice
mlflow.set_tracking_uri("http://nowhere")
mlflow.openai.autolog()
class Scaled(mlflow.pyfunc.PythonModel):
    @mlflow.trace(name="predict", span_type=SpanType.CHAIN)
    def predict(self, context, model_input, params=None):
        from mlflow.models.signature import infer_signature
        assert infer_signature([1.5]).inputs == Schema([ColSpec(DataType.double)])
        with mlflow.start_span("inner") as span:
            span.set_inputs({"n": len(model_input)})
        if (model_input["x"] < 0).any():
            raise MlflowException.invalid_parameter_value("negative")
        return twice(model_input["x"] * ModelConfig_by)
ModelConfig_by = ModelConfig(development_config={"by": 100}).get("by")
set_model(Scaled())
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(MODEL)
    return tmp_path / "model.py"


def test_the_configuration_that_was_saved_overrides_that_of_development(tmp_path: Path, file: Path) -> None:
    save_model(tmp_path / "model", python_model=file, model_config={"by": 3}, input_example=FRAME)
    assert load_model(tmp_path / "model").predict(FRAME) == [3.0, 6.0]
    assert load_model(tmp_path / "model", model_config={"by": 4}).predict(FRAME) == [4.0, 8.0]


def test_without_a_saved_configuration_that_of_development_is_not_used(tmp_path: Path, file: Path) -> None:
    with pytest.raises(InvalidArgument, match="reads a ModelConfig and there is none"):
        save_model(tmp_path / "model", python_model=file)


def test_the_file_can_be_run_by_itself(file: Path) -> None:
    scaled = runpy.run_path(str(file))["Scaled"]()
    assert scaled.predict(None, FRAME) == [100.0, 200.0]


def test_the_file_lies_at_the_top_of_the_package_and_is_named_without_a_path(tmp_path: Path, file: Path) -> None:
    save_model(tmp_path / "model", python_model=file, model_config={"by": 3})
    section = yaml.safe_load((tmp_path / "model/MLmodel").read_text())["flavors"]["python_function"]
    assert (section["model_code_path"], section["loader_module"]) == ("model.py", "mlflow.pyfunc.loaders.code_model")
    assert (tmp_path / "model/model.py").read_text() == MODEL
    assert not (tmp_path / "model/python_model.pkl").exists()


@pytest.mark.parametrize("path", ["/home/ana/work/model.py", "C:\\Users\\ana\\model.py"])
def test_the_path_on_the_authors_machine_is_not_looked_at(tmp_path: Path, file: Path, path: str) -> None:
    save_model(tmp_path / "model", python_model=file, model_config={"by": 3})
    manifest = yaml.safe_load((tmp_path / "model/MLmodel").read_text())
    manifest["flavors"]["python_function"]["model_code_path"] = path
    (tmp_path / "model/MLmodel").write_text(yaml.safe_dump(manifest))
    assert load_model(tmp_path / "model").predict(FRAME) == [3.0, 6.0]


def test_a_file_that_names_mlflow_runs_without_it(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(OF_MLFLOW)
    (tmp_path / "helper.py").write_text("from mlflow.pyfunc import PythonModel\ndef twice(value): return 2 * value\n")
    options: dict[str, Any] = {"code_paths": [tmp_path / "helper.py"], "model_config": {"by": 3}}
    save_model(tmp_path / "model", python_model=tmp_path / "model.py", input_example=FRAME, **options)
    model = load_model(tmp_path / "model")
    assert model.predict(FRAME).tolist() == [6.0, 12.0]
    with pytest.raises(Exception, match="negative"):
        model.predict(-FRAME)
    assert not [name for name in sys.modules if name.partition(".")[0] == "mlflow"]


def test_a_function_can_be_the_model_and_the_last_one_set_counts(tmp_path: Path) -> None:
    source = "from mlpack.models import set_model\nset_model(lambda model_input: 1)\nset_model(lambda model_input: 2)\n"
    (tmp_path / "model.py").write_text(source)
    save_model(tmp_path / "model", python_model=tmp_path / "model.py")
    assert load_model(tmp_path / "model").predict(FRAME) == 2


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("x = 1\ny = 1 / 0\n", InvalidArgument, r"^model.py line 2: ZeroDivisionError: division by zero$"),
        ("x = 1\nif x\n", InvalidArgument, r"^model.py line 2: SyntaxError: "),
        ("import no_such_module\n", InvalidArgument, r"^model.py line 1: ModuleNotFoundError: "),
        ("x = 1\n", InvalidArgument, r"^model.py sets no model$"),
        ("from mlpack.models import set_model\nset_model(3)\n", InvalidArgument, "of type int is no model"),
        ("from mlflow.pyfunc import ChatModel\n", MissingFramework, "line 1 .*ChatModel.* needs mlflow, which is not"),
        ("import mlflow.gateway\n", MissingFramework, "needs mlflow, which is not installed"),
        (
            "import mlflow\nmlflow.log_metric('a', 1)\n",
            InvalidArgument,
            "line 2: .*mlflow.log_metric needs MLflow itself",
        ),
    ],
)
def test_a_file_that_fails_is_told_by_name_and_line(
    tmp_path: Path, source: str, error: type[Exception], message: str
) -> None:
    (tmp_path / "model.py").write_text(source)
    with pytest.raises(error, match=message):
        save_model(tmp_path / "model", python_model=tmp_path / "model.py")


def test_a_file_that_fails_here_alone_is_told_by_name_and_line_too(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(MODEL + "import os\nassert 'SERVING' not in os.environ\n")
    save_model(tmp_path / "model", python_model=file, model_config={"by": 3})
    monkeypatch.setenv("SERVING", "1")
    with pytest.raises(InvalidPackage, match=r"^model.py line 10: AssertionError"):
        load_model(tmp_path / "model")


def test_a_configuration_can_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("by: 3\n")
    assert ModelConfig(development_config=tmp_path / "config.yaml").to_dict() == {"by": 3}
    with pytest.raises(KeyError, match="to"):
        ModelConfig(development_config={"by": 3}).get("to")


def test_what_is_set_outside_a_load_is_checked_and_forgotten() -> None:
    set_model(lambda model_input: model_input)
    with pytest.raises(InvalidArgument, match="is a class"):
        set_model(ModelConfig)
