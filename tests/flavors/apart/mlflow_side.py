"""``python -m tests.flavors.apart.mlflow_side FLAVOR FOLDER``: what real MLflow does with the cases of a flavor.

``FOLDER/ours/CASE`` are packages of mlpack. Writes MLflow's own to ``FOLDER/theirs/CASE``, and to
``FOLDER/answers.pkl`` what MLflow predicts with both: ``{("ours", case): predictions, ...}``.
"""

from __future__ import annotations

import pickle
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.flavors.cases import cases_of


def main(flavor: str, folder: Path) -> None:
    """Save and predict each case."""
    import mlflow

    library: Any = import_module(f"mlflow.{flavor}")
    answers: dict[tuple[str, str], Any] = {}
    for name, make in cases_of(flavor).items():
        case = make()
        options = {**case.options, **case.theirs}
        library.save_model(case.model, folder / "theirs" / name, input_example=case.data, **options)
        for saver in ("ours", "theirs"):
            answers[saver, name] = mlflow.pyfunc.load_model(str(folder / saver / name)).predict(case.data)
    (folder / "answers.pkl").write_bytes(pickle.dumps(answers))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1], Path(sys.argv[2]))
