"""Flavors of other distributions: ``mlpack.<name>``."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import mlpack
import mlpack.pyfunc
from mlpack import plugins
from mlpack.models import get_model_info
from tests.core.third_party import install


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module ``mlpack.acme``; the distribution tries to replace scikit-learn's flavor as well."""
    installed = install(tmp_path, monkeypatch, "acme = mlpack_acme:flavor\nsklearn = mlpack_acme:flavor")
    next(installed)
    yield import_module("mlpack.acme")
    next(installed, None)


def test_it_is_a_module_with_the_verbs_of_every_flavor(acme: Any) -> None:
    from mlpack import acme as imported

    assert imported is acme is getattr(mlpack, "acme")  # noqa: B009
    assert acme.__doc__ == "Texts."
    assert acme.__all__ == ["load_model", "log_model", "save_model"]


def test_it_saves_loads_and_predicts(acme: Any, tmp_path: Path) -> None:
    acme.save_model("hello", tmp_path / "model", input_example=[1, 2])
    assert acme.load_model(tmp_path / "model") == "hello"
    assert mlpack.pyfunc.load_model(tmp_path / "model").predict([1, 2, 3]) == ["hello"] * 3
    assert "mlpack-acme==2.1" in (tmp_path / "model" / "requirements.txt").read_text().splitlines()


def test_the_module_it_names_for_mlflow_loads_the_package(acme: Any, tmp_path: Path) -> None:
    acme.save_model("hello", tmp_path / "model", input_example=[1, 2])
    section = get_model_info(tmp_path / "model").flavors["python_function"]
    loader = import_module(section["loader_module"])
    assert loader._load_pyfunc(str(tmp_path / "model" / section["data"])).predict([1]) == ["hello"]


def test_a_built_in_flavor_cannot_be_replaced(acme: Any) -> None:
    assert type(plugins.get("sklearn")).__name__ == "SklearnFlavor"
    assert plugins.names().count("sklearn") == 1


def test_a_name_that_nobody_registers_is_no_attribute_and_no_module() -> None:
    with pytest.raises(AttributeError, match="no attribute 'acme'"):
        getattr(mlpack, "acme")  # noqa: B009
    with pytest.raises(ModuleNotFoundError, match=r"mlpack\.acme"):
        import_module("mlpack.acme")
