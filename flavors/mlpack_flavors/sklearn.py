"""scikit-learn models, pickled by cloudpickle (the default, read by the most MLflow versions), pickle, or as skops."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument, InvalidPackage, MissingFramework
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.pickling import pickle_object
from mlpack.table import Table
from mlpack.trust import inside
from mlpack.unpickling import unpickle
from mlpack_flavors import sklearn_rows, skops
from mlpack_flavors.sklearn_arrays import array_twin

FORMATS = ("cloudpickle", "pickle", "skops")
#: The methods that the manifest can name for predicting. Source: MLflow 3.17, ``mlflow.sklearn``.
PREDICT_FUNCTIONS = ("predict", "predict_proba", "predict_log_proba", "predict_joint_log_proba", "score")


class SklearnFlavor(Flavor[Any]):
    """Estimators and pipelines of scikit-learn, and classes that follow its conventions."""

    name = "sklearn"
    distribution = "scikit-learn"
    extra = "sklearn"
    modules = ("sklearn",)
    loader_module = "mlflow.sklearn"
    row_wise = True
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
        if serialization_format not in FORMATS:
            raise InvalidArgument.unknown("serialization_format", serialization_format, FORMATS)
        if pyfunc_predict_fn not in PREDICT_FUNCTIONS:
            raise InvalidArgument.unknown("pyfunc_predict_fn", pyfunc_predict_fn, PREDICT_FUNCTIONS)
        if not hasattr(model, "fit") and not hasattr(model, pyfunc_predict_fn):
            raise InvalidArgument(f"a {type(model).__name__} is not a scikit-learn model: it has no fit and no predict")
        section: dict[str, Any] = {"serialization_format": serialization_format, "sklearn_version": _version()}
        if serialization_format == "skops":
            name = "model.skops"
            section["skops_trusted_types"] = skops.dump(model, folder / name)
        else:
            name = "model.pkl"
            pickle_object(model, folder / name, serialization_format)
        section["pickled_model"] = name
        pyfunc = {"model_path": name, "predict_fn": pyfunc_predict_fn}
        if not hasattr(model, pyfunc_predict_fn):
            message = f"{type(model).__name__} has no {pyfunc_predict_fn}: the package can be loaded but not served"
            warnings.warn(message, stacklevel=4)
            return Written(section, None)
        return Written(section, pyfunc, frozenset({serialization_format} - {"pickle"}))

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the estimator; a section that names no format is a pickle, as MLflow before 1.0 wrote it."""
        _version()
        names = (section.get(key) for key in ("pickled_model", "model_path", "data"))
        path = inside(folder, next(filter(None, names), None), key="sklearn.pickled_model")
        if section.get("serialization_format") == "skops" or path.suffix == ".skops":
            return skops.load(path, folder / str(section.get("code") or "code"))
        return unpickle(path)

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


def _version() -> str:
    try:
        import sklearn
    except ImportError as error:
        raise MissingFramework("scikit-learn", needed_for="a scikit-learn model", extra="sklearn") from error
    return str(sklearn.__version__)


flavor = SklearnFlavor()
