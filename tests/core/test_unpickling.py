"""Unpickling: MLflow's names find their stand-ins, and what cannot be read says why in one line."""

from __future__ import annotations

import bz2
import gzip
import lzma
import pickle
from pathlib import Path
from typing import Any

import pytest

from mlpack.errors import InvalidPackage, MissingFramework
from mlpack.pyfunc import PythonModel
from mlpack.python_model import FunctionModel
from mlpack.unpickling import import_loader, unpickle


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def reference(module: str, name: str) -> bytes:
    """A pickle of nothing but a name, as protocol 0 has it."""
    return f"c{module}\n{name}\n.".encode()


@pytest.mark.parametrize(("suffix", "opener"), [("", open), (".gz", gzip.open), (".bz2", bz2.open), (".xz", lzma.open)])
def test_pickles_are_read_plain_and_compressed(tmp_path: Path, suffix: str, opener: Any) -> None:
    path = tmp_path / f"python_model.pkl{suffix}"
    with opener(path, "wb") as file:
        pickle.dump({"a": [1]}, file)
    assert unpickle(path) == {"a": [1]}


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("mlflow.pyfunc.model", "PythonModel"),
        ("mlflow.pyfunc.model", "_FunctionPythonModel"),
        ("mlflow.models.signature", "_TypeHints"),
        ("mlflow.models.signature", "ModelSignature"),
        ("mlflow.pyfunc.utils.data_validation", "FuncInfo"),
        ("mlflow.pyfunc.utils.data_validation", "_validate_model_input"),
        ("mlflow.exceptions", "MlflowException"),
        ("mlflow.types.schema", "Schema"),
        ("mlflow.types.schema", "DataType"),
    ],
)
def test_names_that_mlflow_leaves_in_pickles_are_found(tmp_path: Path, module: str, name: str) -> None:
    found = unpickle(written(tmp_path / "python_model.pkl", reference(module, name)))
    assert found.__module__.startswith("mlpack.")


def test_a_model_that_mlflow_pickled_becomes_one_of_ours(tmp_path: Path) -> None:
    state = b"(dVfunc\nc" + b"builtins\nlen\nsVsignature\nNsb."
    content = b"ccopyreg\n_reconstructor\n(cmlflow.pyfunc.model\n_FunctionPythonModel\ncbuiltins\nobject\nNtR" + state
    model = unpickle(written(tmp_path / "python_model.pkl", content))
    assert isinstance(model, FunctionModel)
    assert isinstance(model, PythonModel)
    assert model.predict([1, 2]) == 2


def test_the_check_that_mlflow_pickled_around_a_function_checks(tmp_path: Path) -> None:
    name = reference("mlflow.pyfunc.utils.data_validation", "_validate_model_input")
    check = unpickle(written(tmp_path / "python_model.pkl", name))
    assert check((None, [1, 2.0]), {}, 1, list[int], "model_input") == ((None, [1, 2]), {})
    assert check((None,), {"model_input": [1]}, 1, list[float], "model_input") == ((None,), {"model_input": [1.0]})
    assert check((None,), {}, 1, list[float], "model_input") == ((None,), {})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a pickle", "python_model.pkl: UnpicklingError"),
        (b"", "python_model.pkl: EOFError"),
        (reference("no_such_module", "Model"), "ModuleNotFoundError: No module named 'no_such_module'"),
        (reference("mlpack.pyfunc", "NoSuchClass"), "AttributeError"),
    ],
)
def test_what_cannot_be_unpickled_is_told_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(InvalidPackage, match=message) as caught:
        unpickle(written(tmp_path / "python_model.pkl", content))
    assert "\n" not in caught.value.message


def test_a_pickle_that_needs_more_of_mlflow_says_so(tmp_path: Path) -> None:
    with pytest.raises(MissingFramework, match="needs mlflow, which is not installed"):
        unpickle(written(tmp_path / "python_model.pkl", reference("mlflow.langchain.model", "Chain")))


def test_a_loader_that_fails_to_be_imported_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_loader.py").write_text("raise RuntimeError('no licence')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InvalidPackage, match="loader_module 'broken_loader': RuntimeError: no licence"):
        import_loader("broken_loader")
