"""``python -m tests.flavors.apart.mlflow_side FLAVOR FOLDER``: what real MLflow does with the cases of a flavor.

``FOLDER/ours/CASE`` are packages of mlpack. Writes MLflow's own to ``FOLDER/theirs/CASE``, and to
``FOLDER/answers.pkl`` what MLflow predicts with both: ``{("ours", case): predictions, ...}``. Of a flavor that
MLflow lacks it writes none.
"""

from __future__ import annotations

import pickle
import sys
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.flavors.cases import cases_of


def main(flavor: str, folder: Path) -> None:
    """Save and predict each case."""
    import mlflow

    library: Any = import_module(f"mlflow.{flavor}") if find_spec(f"mlflow.{flavor}") else None
    answers: dict[tuple[str, str], Any] = {}
    for name, make in cases_of(flavor).items():
        case = make()
        if library is not None:
            place = folder / "theirs" / name
            place.mkdir(parents=True)  # mlflow.keras makes no folder for its example
            library.save_model(case.model, str(place), input_example=case.data, **case.options, **case.theirs)
        for package in folder.glob(f"*/{name}"):
            answers[package.parent.name, name] = mlflow.pyfunc.load_model(str(package)).predict(case.data)
    (folder / "answers.pkl").write_bytes(pickle.dumps(answers))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1], Path(sys.argv[2]))
