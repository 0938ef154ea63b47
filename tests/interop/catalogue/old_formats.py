"""Packages in the dialects of older releases of MLflow, made by saving one and taking it back in time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from .cases import case
from .python_models import points, signature_of_points
from .sklearn_models import PINS, flowers, iris


def _rewrite(path: Path, manifest: dict[str, Any]) -> None:
    (path / "MLmodel").write_text(yaml.safe_dump(manifest))


def _read(path: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = yaml.safe_load((path / "MLmodel").read_text())
    return manifest


@case(flowers, native=True, by=("mlflow",))
def package_of_release_1(lib: Any, path: Path) -> None:
    """1.x: ``env`` is a string, no ``python_env.yaml``, no ids, no ``code``, the pickle format unsaid."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=500).fit(*iris())
    lib.sklearn.save_model(model, path, serialization_format="pickle", pip_requirements=PINS)
    (path / "python_env.yaml").unlink()
    (path / "requirements.txt").unlink()
    flavors = _read(path)["flavors"]
    flavors["python_function"]["env"] = "conda.yaml"
    for unknown in ("predict_fn",):
        del flavors["python_function"][unknown]
    for unknown in ("serialization_format", "code"):
        del flavors["sklearn"][unknown]
    _rewrite(path, {"flavors": flavors, "utc_time_created": "2021-03-04 05:06:07.000008"})


@case(points, by=("mlflow",))
def package_of_the_least_words(lib: Any, path: Path) -> None:
    """Only ``loader_module`` and what it needs; no environment files at all."""
    from .python_models import ASSETS

    lib.pyfunc.save_model(
        path,
        loader_module="linear_loader",
        data_path=str(ASSETS / "linear_data"),
        code_paths=[str(ASSETS / "linear_loader.py")],
        pip_requirements=["pyyaml"],
    )
    for name in ("conda.yaml", "python_env.yaml", "requirements.txt"):
        (path / name).unlink()
    section = _read(path)["flavors"]["python_function"]
    wanted = {key: section[key] for key in ("loader_module", "data", "code")}
    _rewrite(path, {"flavors": {"python_function": wanted}})


@case(points, by=("mlflow",))
def package_with_unknown_keys(lib: Any, path: Path) -> None:
    """A signature without ``required``, and keys that no release knows."""

    class Product(lib.pyfunc.PythonModel):  # type: ignore[misc]  # the base is either library's
        def predict(self, context: Any, model_input: Any) -> Any:
            return model_input["x"] * model_input["n"]

    lib.pyfunc.save_model(path, python_model=Product(), signature=signature_of_points(lib), pip_requirements=PINS)
    manifest = _read(path)
    columns = json.loads(manifest["signature"]["inputs"])
    for column in columns:
        del column["required"]
    manifest["signature"]["inputs"] = json.dumps(columns)
    manifest["future"] = {"a": [1, None]}
    manifest["flavors"]["python_function"]["future"] = "b"
    manifest["flavors"]["acme"] = {"version": 3}
    _rewrite(path, manifest)
