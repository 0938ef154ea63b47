"""``python -m catalogue save|answer FOLDER REPORT``: MLflow's side of the comparison, run in MLflow's environment."""

from __future__ import annotations

import base64
import importlib.util
import json
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from .cases import CASES
from .questions import questions
from .sitting import ask_all, native, predictions, save_all


def save(folder: Path) -> dict[str, Any]:
    """Save all cases with MLflow."""
    os.environ["MLFLOW_SKIP_PIP_REQUIREMENTS_CHECK"] = "true"
    import mlflow
    import mlflow.sklearn

    return save_all(mlflow, folder, release())


def answer(folder: Path) -> dict[str, Any]:
    """Load each package that this MLflow knows, and tell what it answers in Python and over HTTP."""
    known = [path for path in sorted(folder.iterdir()) if CASES[path.name].since <= release()]
    return {path.name: _answer(path) for path in known}


def release() -> tuple[int, int]:
    """MLflow's major and minor version."""
    import mlflow

    major, minor = mlflow.__version__.split(".")[:2]
    return int(major), int(minor)


def _answer(path: Path) -> dict[str, Any]:
    import mlflow

    case = CASES[path.name]
    report: dict[str, Any] = {"info": _info(mlflow.models.get_model_info(str(path)))}
    if case.native:
        report["native"] = native(mlflow.sklearn.load_model, case, path)
    if "python_function" not in report["info"]["flavors"]:
        return report
    model = mlflow.pyfunc.load_model(str(path))
    report["predictions"] = predictions(mlflow.pyfunc.load_model, case, path)
    asked = questions(case)
    report["bodies"] = [base64.b64encode(question.body).decode() for question in asked]
    report["answers"] = ask_all(_client(model), asked)
    return report


def _info(info: Any) -> dict[str, Any]:
    signature = None if info.signature is None else info.signature.to_dict()
    return {"flavors": sorted(info.flavors), "signature": signature, "metadata": info.metadata}


def _client(model: Any) -> Any:
    from mlflow.pyfunc import scoring_server
    from starlette.testclient import TestClient

    return TestClient(scoring_server.init(model), raise_server_exceptions=False)


if __name__ == "__main__":
    if importlib.util.find_spec("mlpack"):
        sys.exit("mlpack must not be here: MLflow has to read its packages alone")
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    verb, folder, report = sys.argv[1:]
    Path(report).write_text(json.dumps({"save": save, "answer": answer}[verb](Path(folder))))
