"""Stand-ins for MLflow: there while a package's code runs, gone for everybody else, never in front of the real one."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import mlpack.pyfunc
from mlpack import standins
from mlpack.predict_functions import Call
from mlpack.standins.table import STAND_INS

pytestmark = pytest.mark.skipif(importlib.util.find_spec("mlflow") is not None, reason="MLflow is installed")


def present() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == "mlflow"]


@pytest.mark.parametrize("name", sorted(STAND_INS))
def test_every_name_in_the_table_can_be_imported(name: str) -> None:
    with standins.active():
        module = importlib.import_module(name)
        assert [missing for missing in module.__all__ if not hasattr(module, missing)] == []
        scope: dict[str, Any] = {}
        exec(f"from {name} import *", scope)  # noqa: S102  the statement is what is tested
    assert set(STAND_INS[name]) <= set(scope)


def test_they_are_gone_when_the_code_has_run() -> None:
    with standins.active(), standins.active():
        importlib.import_module("mlflow.pyfunc")
        assert "mlflow" in sys.modules
    assert present() == []
    assert importlib.util.find_spec("mlflow") is None
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("mlflow")


def test_they_are_the_same_every_time() -> None:
    with standins.active():
        first = importlib.import_module("mlflow.pyfunc.model")
    with standins.active():
        again = importlib.import_module("mlflow.pyfunc.model")
    assert first is again
    assert first.PythonModel is mlpack.pyfunc.PythonModel


def test_submodules_are_there_as_attributes_also_later() -> None:
    with standins.active():
        mlflow = importlib.import_module("mlflow")
    assert mlflow.models.ModelSignature is mlpack.signature.ModelSignature
    assert mlflow.sklearn.load_model == importlib.import_module("mlpack.sklearn").load_model


def test_other_names_say_that_they_need_mlflow() -> None:
    with standins.active():
        mlflow = importlib.import_module("mlflow")
        assert not hasattr(mlflow, "start_run")
        with pytest.raises(AttributeError, match=r"mlflow\.models\.evaluate needs MLflow itself"):
            mlflow.models.evaluate()
        with pytest.raises(ModuleNotFoundError, match=r"mlflow\.gateway"):
            importlib.import_module("mlflow.gateway")


def test_what_is_called_for_tracing_changes_nothing() -> None:
    with standins.active():
        mlflow: Any = importlib.import_module("mlflow")

    @mlflow.trace  # type: ignore[untyped-decorator]
    def plain(value: int) -> int:
        return value

    @mlflow.trace(name="named")  # type: ignore[untyped-decorator]
    def named(value: int) -> int:
        return value

    with mlflow.start_span(name="span") as span:
        span.set_attributes({"a": 1})
    assert (plain(1), named(2), mlflow.openai.autolog(), mlflow.get_current_active_span()) == (1, 2, None, None)


def test_an_installed_mlflow_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mlflow").mkdir()
    (tmp_path / "mlflow" / "__init__.py").write_text("REAL = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    with standins.active():
        assert importlib.import_module("mlflow").REAL
    assert importlib.import_module("mlflow").REAL
    del sys.modules["mlflow"]


def test_a_model_may_import_mlflow_whenever_it_predicts() -> None:
    def predict(model_input: Any) -> Any:
        from mlflow.models import infer_signature

        return infer_signature(model_input).inputs.input_types()

    def pieces(model_input: Any) -> Any:
        yield 1
        import mlflow.types

        yield mlflow.types.DataType.long.name

    assert [str(type_) for type_ in Call(predict)([1.5], {})] == ["double"]
    assert list(Call(pieces).stream({}, {})) == [1, "long"]
    assert present() == []


def test_threads_do_not_take_them_away_from_each_other() -> None:
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with standins.active():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(10)
    with standins.active():
        importlib.import_module("mlflow")
    assert "mlflow" in sys.modules
    leave.set()
    thread.join()
    assert present() == []
