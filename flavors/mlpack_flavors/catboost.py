"""CatBoost models in CatBoost's own formats."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack.flavor import Flavor, Written

#: What CatBoost both writes and reads: binary, and JSON.
FORMATS = ("cbm", "json")
_CLASSES = ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")


class CatBoostFlavor(Flavor[Any]):
    """CatBoost, its classifier, its regressor and its ranker."""

    name = "catboost"
    distribution = "catboost"
    extra = "catboost"
    modules = ("catboost",)
    version_key = "catboost_version"
    loader_module = "mlflow.catboost"
    row_wise = True
    forkable = True
    model_argument = "cb_model"

    def write(self, model: Any, folder: Path, *, format: str = "cbm") -> Written:
        """Write ``model.cb``, as ``format`` says: cbm or json, neither of which holds code.

        Raises InvalidArgument for another format, and for a model that is not of a class of CatBoost itself.
        """
        if format not in FORMATS:
            raise InvalidArgument.unknown("format", format, FORMATS)
        kind = type(model)
        if kind.__name__ not in _CLASSES or getattr(self.framework(), kind.__name__) is not kind:
            raise InvalidArgument(f"a {kind.__name__} is not one of the models of CatBoost: {', '.join(_CLASSES)}")
        model.save_model(str(folder / "model.cb"), format=format)
        return Written.to("model.cb", model_type=kind.__name__, save_format=format)

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the model."""
        kind, written = section.get("model_type"), section.get("save_format")
        if kind not in _CLASSES:
            raise InvalidPackage(f"MLmodel: catboost.model_type is {kind!r}, not one of {', '.join(_CLASSES)}")
        return getattr(self.framework(), kind)().load_model(str(self.data(folder, section, "model.cb")), written)


flavor = CatBoostFlavor()
