"""Models in plain Python: every form in which one can be given, what its functions are called with, what is refused."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from mlpack.errors import InvalidArgument, InvalidInput, InvalidPackage, SchemaMismatch, UnknownFlavor, UnsafePackage
from mlpack.pyfunc import PyFuncModel, PythonModel, PythonModelContext, load_model, save_model
from mlpack.signature import infer_signature

FRAME = pd.DataFrame({"x": [1.0, 2.0]})


class Told(PythonModel):
    """Answers with what it was called with."""

    def load_context(self, context: PythonModelContext) -> None:
        self.seen = {name: Path(path).name for name, path in context.artifacts.items()}
        self.absolute = all(Path(path).is_absolute() for path in context.artifacts.values())

    def predict(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        return {"input": type(model_input).__name__, "params": params, "config": context.model_config}

    def predict_stream(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Iterator[Any]:
        yield from (model_input, params)


class Plain(PythonModel):
    """Takes neither context nor params."""

    def predict(self, model_input: Any) -> Any:  # type: ignore[override]
        return [2 * value for value in model_input["x"]]


class Lengths(PythonModel):
    """Has a hint that is a signature."""

    def predict(self, model_input: list[str]) -> list[int]:  # type: ignore[override]
        return [len(text) for text in model_input]


def saved(path: Path, model: Any = None, **options: Any) -> PyFuncModel:
    save_model(path / "model", python_model=model, **options)
    return load_model(path / "model")


def section(path: Path) -> dict[str, Any]:
    manifest = yaml.safe_load((path / "model" / "MLmodel").read_text())
    found: dict[str, Any] = manifest["flavors"]["python_function"]
    return found


def test_predict_gets_context_config_and_params_where_it_takes_them(tmp_path: Path) -> None:
    signature = infer_signature(FRAME, params={"scale": 2})
    model = saved(tmp_path, Told(), model_config={"offset": 10}, signature=signature)
    assert model.predict(FRAME, {"scale": 3}) == {
        "input": "DataFrame",
        "params": {"scale": 3},
        "config": {"offset": 10},
    }
    assert load_model(tmp_path / "model", model_config={"offset": 11}).predict(FRAME)["config"] == {"offset": 11}


def test_without_params_none_comes_and_any_data_goes_through_as_it_is(tmp_path: Path) -> None:
    model = saved(tmp_path, Told())
    for data in (FRAME, np.eye(2), {"a": 1}, [1, "b"], "text", 3.5):
        assert model.predict(data) == {"input": type(data).__name__, "params": None, "config": {}}


def test_predict_without_context_and_params_is_called_without_and_says_once_that_params_are_lost(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    model = saved(tmp_path, Plain(), signature=infer_signature(FRAME, params={"scale": 2}))
    assert model.predict(FRAME) == model.predict(FRAME) == [2.0, 4.0]
    assert [str(each.message) for each in recwarn] == ["this model's predict takes no params: scale are ignored"]


def test_artifacts_are_copied_in_even_where_two_have_one_name(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "weights.bin").write_bytes(folder.encode())
    sources = {"file": tmp_path / "a/weights.bin", "same name": tmp_path / "b/weights.bin", "folder": tmp_path / "a"}
    model = saved(tmp_path, Told(), artifacts=sources).unwrap_python_model()
    assert (model.seen, model.absolute) == ({"file": "weights.bin", "same name": "weights.bin", "folder": "a"}, True)
    paths = {name: entry["path"] for name, entry in section(tmp_path)["artifacts"].items()}
    assert paths == {
        "file": "artifacts/weights.bin",
        "same name": "artifacts/1/weights.bin",
        "folder": "artifacts/a",
    }
    assert (tmp_path / "model/artifacts/1/weights.bin").read_bytes() == b"b"


def test_predict_stream_gives_pieces_for_one_input_at_a_time(tmp_path: Path) -> None:
    model = saved(tmp_path, Told())
    assert model.can_stream
    assert list(model.predict_stream({"a": 1})) == [{"a": 1}, None]
    assert next(model.predict_stream(FRAME.head(1))) == {"x": 1.0}
    with pytest.raises(InvalidInput, match="one input at a time, got 2"):
        list(model.predict_stream(["a", "b"]))


def test_a_model_without_predict_stream_does_not_stream(tmp_path: Path) -> None:
    model = saved(tmp_path, Plain())
    assert (model.can_stream, section(tmp_path)["streamable"]) == (False, False)
    with pytest.raises(InvalidArgument, match="does not stream"):
        model.predict_stream(FRAME)


def test_functions_are_models_with_and_without_params(tmp_path: Path) -> None:
    def doubled(model_input: Any) -> Any:
        return model_input["x"] * 2

    def scaled(model_input: Any, params: Any) -> Any:
        return model_input["x"] * params["by"]

    assert saved(tmp_path / "a", doubled, input_example=FRAME).predict(FRAME).tolist() == [2.0, 4.0]
    model = saved(tmp_path / "b", scaled, input_example=(FRAME, {"by": 3}))
    assert model.predict(FRAME, {"by": 10}).tolist() == [10.0, 20.0]


def test_the_type_hint_of_the_input_is_the_signature_and_is_checked(tmp_path: Path) -> None:
    model = saved(tmp_path, Lengths())
    assert model.metadata.is_signature_from_type_hint
    assert model.metadata.signature == infer_signature(["a"], [1])
    assert model.predict(["a", "bc"]) == model.predict(pd.DataFrame({"text": ["a", "bc"]})) == [1, 2]
    with pytest.raises(SchemaMismatch, match=r"'input\[1\]' expects str, got an integer"):
        model.predict(["a", 1])


def test_a_signature_that_is_given_is_the_one_and_rows_of_it_fit_the_hint(tmp_path: Path) -> None:
    model = saved(tmp_path, Lengths(), signature=infer_signature(pd.DataFrame({"text": ["a"]})))
    assert not model.metadata.is_signature_from_type_hint
    assert model.predict(pd.DataFrame({"text": ["a", "bc"]})) == [1, 2]


def test_a_class_of_a_script_comes_along(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "import sys\nfrom mlpack.pyfunc import PythonModel, save_model\n"
        "OFFSET = 5\ndef shift(value):\n    return value + OFFSET\n"
        "class Base(PythonModel):\n    def predict(self, context, model_input):\n"
        "        return [shift(value) for value in model_input['x']]\n"
        "class Derived(Base):\n    pass\n"
        "save_model(sys.argv[1], python_model=Derived())\n"
    )
    subprocess.run([sys.executable, script, tmp_path / "model"], check=True)
    assert load_model(tmp_path / "model").predict(FRAME) == [6.0, 7.0]


LOADER = """
class Scaled:
    def __init__(self, by): self.by = by
    def predict(self, data): return (data["x"] * self.by).tolist()
def _load_pyfunc(path, model_config={"more": 0}):
    return Scaled(float(open(path).read()) + model_config["more"])
"""


def own_loader(tmp_path: Path, **options: Any) -> PyFuncModel:
    (tmp_path / "scaled_loader.py").write_text(
        LOADER.replace("open(path).read()", "__import__('pathlib').Path(path).read_text()")
    )
    (tmp_path / "by.txt").write_text("3")
    code = [tmp_path / "scaled_loader.py"]
    return saved(tmp_path, loader_module="scaled_loader", data_path=tmp_path / "by.txt", code_paths=code, **options)


def test_a_loader_module_loads_its_own_data(tmp_path: Path) -> None:
    assert own_loader(tmp_path).predict(FRAME) == [3.0, 6.0]
    assert section(tmp_path)["data"] == "data/by.txt"


def test_a_loader_module_gets_the_configuration_where_there_is_one(tmp_path: Path) -> None:
    assert own_loader(tmp_path, model_config={"more": 1}, input_example=FRAME).predict(FRAME) == [4.0, 8.0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "give either python_model"),
        ({"python_model": Plain}, "Plain is a class"),
        ({"python_model": 3}, "of type int is no model"),
        ({"python_model": PythonModel()}, "has no predict"),
        ({"python_model": lambda a, b: a}, "this one takes a, b"),
        ({"python_model": "absent.py"}, "absent.py is not a Python file"),
        ({"python_model": Plain(), "loader_module": "os"}, "excludes python_model"),
        ({"python_model": Plain(), "data_path": "."}, "give either python_model"),
        ({"python_model": Plain(), "artifacts": {"a": "absent"}}, "artifact 'a': .*absent does not exist"),
        ({"loader_module": "loader", "data_path": "absent"}, "data_path: absent does not exist"),
    ],
)
def test_what_is_no_model_is_refused(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        save_model(tmp_path / "model", **options)
    assert not (tmp_path / "model").exists()


def test_what_cannot_be_pickled_is_refused(tmp_path: Path) -> None:
    model = Plain()
    model.lock = threading.Lock()  # type: ignore[attr-defined]
    with pytest.raises(InvalidArgument, match="the model cannot be pickled: TypeError"):
        save_model(tmp_path / "model", python_model=model)


def edited(tmp_path: Path, **changes: Any) -> Path:
    """A package whose section was changed by hand."""
    save_model(tmp_path / "model", python_model=Plain())
    manifest = yaml.safe_load((tmp_path / "model/MLmodel").read_text())
    manifest["flavors"]["python_function"] |= changes
    (tmp_path / "model/MLmodel").write_text(yaml.safe_dump(manifest))
    return tmp_path / "model"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"loader_module": "antigravity"}, UnsafePackage, "standard library"),
        ({"loader_module": "os.path"}, UnsafePackage, "standard library"),
        ({"loader_module": "mlflow.pyfunc.loaders.chat_model"}, UnknownFlavor, "chat_model"),
        ({"loader_module": "no_such_loader"}, InvalidPackage, "No module named 'no_such_loader'"),
        ({"loader_module": "yaml"}, InvalidPackage, "has no _load_pyfunc"),
        ({"python_model": "../model.pkl"}, UnsafePackage, "outside the package"),
        ({"python_model": None}, InvalidPackage, "python_model"),
        ({"artifacts": {"a": {"path": "/etc/passwd"}}}, UnsafePackage, "outside the package"),
        ({"artifacts": ["a"]}, InvalidPackage, "artifacts"),
        ({"model_code_path": "C:\\code\\gone.py"}, InvalidPackage, "gone.py"),
        ({"predict_fn": "absent"}, InvalidPackage, "no method 'absent'"),
    ],
)
def test_a_manifest_that_leads_astray_is_refused(
    tmp_path: Path, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load_model(edited(tmp_path, **changes))
