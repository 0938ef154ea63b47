"""scikit-learn models."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.table import Table
from mlpack.trust import inside
from mlpack_flavors import sklearn_rows
from mlpack_flavors.estimators import read_estimator, write_estimator
from mlpack_flavors.sklearn_arrays import array_twin

#: The methods that the manifest can name for predicting. Source: MLflow 3.17, ``mlflow.sklearn``.
PREDICT_FUNCTIONS = ("predict", "predict_proba", "predict_log_proba", "predict_joint_log_proba", "score")


class SklearnFlavor(Flavor[Any]):
    """Estimators and pipelines of scikit-learn, and classes that follow its conventions."""

    name = "sklearn"
    distribution = "scikit-learn"
    extra = "sklearn"
    modules = ("sklearn",)
    version_key = "sklearn_version"
    loader_module = "mlflow.sklearn"
    row_wise = True
    forkable = True
    takes_table = True
    model_argument = "sk_model"

    def write(
        self,
        model: Any,
        folder: Path,
        *,
        serialization_format: str = "cloudpickle",
        pyfunc_predict_fn: str = "predict",
    ) -> Written:
        """Write ``model.pkl`` or ``model.skops``.

        ``serialization_format`` is cloudpickle, pickle or skops; ``pyfunc_predict_fn`` is the method that pyfunc and
        the server call. Raises InvalidArgument for others, and for a model that cannot be written in that format.
        """
        if pyfunc_predict_fn not in PREDICT_FUNCTIONS:
            raise InvalidArgument.unknown("pyfunc_predict_fn", pyfunc_predict_fn, PREDICT_FUNCTIONS)
        if not hasattr(model, "fit") and not hasattr(model, pyfunc_predict_fn):
            raise InvalidArgument(f"a {type(model).__name__} is not a scikit-learn model: it has no fit and no predict")
        name, section = write_estimator(model, folder, serialization_format)
        section["pickled_model"] = name
        pyfunc = {"model_path": name, "predict_fn": pyfunc_predict_fn}
        if not hasattr(model, pyfunc_predict_fn):
            message = f"{type(model).__name__} has no {pyfunc_predict_fn}: the package can be loaded but not served"
            warnings.warn(message, stacklevel=4)
            return Written(section, None)
        return Written(section, pyfunc, frozenset({serialization_format} - {"pickle"}))

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the estimator."""
        names = (section.get(key) for key in ("pickled_model", "model_path", "data"))
        path = inside(folder, next(filter(None, names), None), key="sklearn.pickled_model")
        return read_estimator(path, folder, section)

    def is_row_wise(self, model: Any) -> bool:
        """Not where a user's own code, or an estimator that looks at all rows, has a part in it."""
        return sklearn_rows.is_row_wise(model)

    def predictor(self, model: Any, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Call the method that the manifest names, on an array instead of a DataFrame where the answer is the same."""
        name = section.get("predict_fn") or "predict"
        if name not in PREDICT_FUNCTIONS or not hasattr(model, name):
            raise InvalidPackage(f"MLmodel: predict_fn {name!r} is not a method of {type(model).__name__}")
        predict = getattr(model, name)
        fast = array_twin(model, name)

        def call(data: Any, params: dict[str, Any] | None) -> Any:
            if isinstance(data, Table):
                return fast(data) if fast is not None else predict(data.frame())
            return predict(data)

        return call


flavor = SklearnFlavor()
