"""What the public modules offer, and how little importing them loads."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

PUBLIC = (
    *("mlpack.client", "mlpack.models", "mlpack.models.signature", "mlpack.pyfunc", "mlpack.sklearn"),
    *("mlpack.tracking", "mlpack.types"),
)
FRAMEWORKS = {"sklearn", "scipy", "skops", "joblib", "pyarrow", "pandas", "starlette", "uvicorn", "gunicorn", "mlflow"}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_module_offers_what_it_lists_in_order(name: str) -> None:
    module = import_module(name)
    assert module.__all__ == sorted(module.__all__)
    assert [missing for missing in module.__all__ if not hasattr(module, missing)] == []


def test_importing_mlpack_loads_no_framework_no_pandas_no_numpy_and_no_web_server() -> None:
    assert loaded_by("import mlpack").isdisjoint(FRAMEWORKS | {"numpy", "yaml", "click"})


def test_importing_all_that_a_training_script_names_loads_no_framework() -> None:
    assert loaded_by("import mlpack.models, mlpack.pyfunc, mlpack.sklearn, mlpack.tracking, mlpack.types").isdisjoint(
        FRAMEWORKS
    )


def test_the_command_line_explains_itself_without_loading_a_framework() -> None:
    assert loaded_by("import mlpack.cli").isdisjoint(FRAMEWORKS | {"numpy"})


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after a statement."""
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return {name.partition(".")[0] for name in run.stdout.split()}
