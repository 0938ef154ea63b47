"""Pickles that need no mlpack to be read, and classes that come along or are referred to."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlpack.opcodes import names_in_pickle
from mlpack.pyfunc import PythonModel, PythonModelContext, load_model, save_model

FRAME = pd.DataFrame({"x": [1.0, 2.0]})


class Annotated(PythonModel):
    """Names classes of ours in its annotations, and is checked."""

    def load_context(self, context: PythonModelContext) -> None:
        self.loaded = True

    def predict(self, context: PythonModelContext, model_input: list[float]) -> list[float]:  # type: ignore[override]
        return [2 * value for value in model_input]


def function(model_input):  # type: ignore[no-untyped-def]
    return model_input["x"] * 2


def with_params(model_input: list[int], params: Any = None) -> list[int]:
    return [number * params["by"] for number in model_input]


def names(package: Path) -> set[str]:
    with (package / "python_model.pkl").open("rb") as file:
        return {name.partition(".")[0] for name in names_in_pickle(file)}


@pytest.mark.parametrize("model", [Annotated(), function, with_params])
def test_a_pickle_refers_to_no_name_of_ours(tmp_path: Path, model: Any) -> None:
    save_model(tmp_path / "model", python_model=model)
    assert names(tmp_path / "model").isdisjoint({"mlpack", "mlpack_flavors", "tests"})


def test_what_is_read_back_is_of_our_class_and_still_checked(tmp_path: Path) -> None:
    save_model(tmp_path / "model", python_model=Annotated())
    model = load_model(tmp_path / "model").unwrap_python_model()
    assert isinstance(model, PythonModel)
    assert model.predict(PythonModelContext({}, {}), [1]) == [2.0]


def test_a_model_that_was_loaded_can_be_saved_again(tmp_path: Path) -> None:
    save_model(tmp_path / "model", python_model=Annotated())
    save_model(tmp_path / "again", python_model=load_model(tmp_path / "model").unwrap_python_model())
    assert load_model(tmp_path / "again").predict([1.5]) == [3.0]


@pytest.fixture
def module(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A module of the user's, importable while the test runs; the parameter is its first line."""
    source = f"{request.param}\ndef twice(value):\n    return 2 * value\n"
    source += "class Model:\n    def load_context(self, context): pass\n"
    source += "    def predict(self, model_input): return twice(model_input)\n"
    (tmp_path / "users_model.py").write_text(source.replace("class Model:", "class Model(PythonModel):"))
    sys.path.insert(0, str(tmp_path))
    yield importlib.import_module("users_model")
    sys.path.remove(str(tmp_path))
    sys.modules.pop("users_model", None)


OURS = "from mlpack.pyfunc import PythonModel"
NEUTRAL = "import importlib\nPythonModel = importlib.import_module('ml' + 'pack.pyfunc').PythonModel"


@pytest.mark.parametrize("module", [OURS], indirect=True)
def test_a_class_in_a_module_that_nothing_brings_comes_along(tmp_path: Path, module: Any) -> None:
    save_model(tmp_path / "model", python_model=module.Model())
    assert "users_model" not in names(tmp_path / "model")
    del sys.modules["users_model"]
    (tmp_path / "users_model.py").unlink()
    assert load_model(tmp_path / "model").predict(3) == 6


@pytest.mark.parametrize(("module", "referred"), [(OURS, False), (NEUTRAL, True)], indirect=["module"])
def test_a_class_in_code_paths_is_referred_to_where_its_module_does_without_mlpack(
    tmp_path: Path, module: Any, referred: bool
) -> None:
    save_model(tmp_path / "model", python_model=module.Model(), code_paths=[module.__file__])
    assert ("users_model" in names(tmp_path / "model")) is referred
    del sys.modules["users_model"]
    (tmp_path / "users_model.py").unlink()
    assert load_model(tmp_path / "model").predict(3) == 6
