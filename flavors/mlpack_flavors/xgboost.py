"""XGBoost models, a Booster or one of its scikit-learn classes, in XGBoost's own formats."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.flavor import Flavor, Predictor, Written

#: What ``save_model`` of XGBoost writes: binary JSON, and JSON.
FORMATS = ("ubj", "json")


class XGBoostFlavor(Flavor[Any]):
    """Boosters and the scikit-learn classes of XGBoost."""

    name = "xgboost"
    distribution = "xgboost"
    extra = "xgboost"
    modules = ("xgboost",)
    version_key = "xgb_version"
    loader_module = "mlflow.xgboost"
    row_wise = True
    model_argument = "xgb_model"

    def write(self, model: Any, folder: Path, *, model_format: str = "ubj") -> Written:
        """Write ``model.ubj`` or ``model.json``, as ``model_format`` says; neither holds code.

        Raises InvalidArgument for another format, and for a model that is not of a class of XGBoost itself.
        """
        if model_format not in FORMATS:
            raise InvalidArgument.unknown("model_format", model_format, FORMATS)
        kind = type(model)
        if not self._is_model_class(kind) or getattr(self.framework(), kind.__name__, None) is not kind:
            tip = "a class of your own goes into a PythonModel (mlpack.pyfunc.save_model)"
            raise InvalidArgument(f"a {kind.__name__} is neither a Booster nor a model of XGBoost", tip=tip)
        name = f"model.{model_format}"
        model.save_model(folder / name)
        modules = () if kind.__name__ == "Booster" else ("sklearn",)
        called = f"{kind.__module__}.{kind.__qualname__}"
        return Written.to(name, modules=modules, model_class=called, model_format=model_format)

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the model; a section that names no class holds a Booster, as MLflow before 1.22 wrote it."""
        called = str(section.get("model_class") or "xgboost.core.Booster")
        kind: Any = getattr(self.framework(), called.rpartition(".")[2], None)
        if not called.startswith("xgboost.") or not self._is_model_class(kind):
            raise InvalidPackage(f"MLmodel: xgboost.model_class is {called!r}, which XGBoost does not have")
        model = kind()
        model.load_model(self.data(folder, section, "model.xgb"))
        return model

    def predictor(self, model: Any, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Call ``predict`` with the params that it takes; a Booster gets a DMatrix of the data."""
        predict = model.predict
        taken = inspect.signature(predict).parameters.keys()
        matrix: Any = self.framework().DMatrix if type(model).__name__ == "Booster" else None

        def call(data: Any, params: dict[str, Any] | None) -> Any:
            options = {name: value for name, value in (params or {}).items() if name in taken}
            return predict(data if matrix is None else matrix(data), **options)

        return call

    def _is_model_class(self, kind: Any) -> bool:
        xgboost = self.framework()
        return isinstance(kind, type) and issubclass(kind, (xgboost.Booster, xgboost.XGBModel))


flavor = XGBoostFlavor()
