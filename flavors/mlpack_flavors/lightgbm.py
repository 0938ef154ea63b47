"""LightGBM models: a Booster as LightGBM's own text, one of its scikit-learn classes as an estimator."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.flavor import Flavor, Written
from mlpack_flavors.estimators import read_estimator, write_estimator

_BOOSTER = "lightgbm.basic.Booster"


class LightGBMFlavor(Flavor[Any]):
    """Boosters and the scikit-learn classes of LightGBM."""

    name = "lightgbm"
    distribution = "lightgbm"
    extra = "lightgbm"
    modules = ("lightgbm",)
    version_key = "lgb_version"
    loader_module = "mlflow.lightgbm"
    row_wise = True
    model_argument = "lgb_model"

    def write(self, model: Any, folder: Path, *, serialization_format: str = "cloudpickle") -> Written:
        """Write ``model.lgb``, which holds no code, or an estimator as ``serialization_format`` says.

        A scikit-learn class has no format of its own that MLflow reads: for it cloudpickle, pickle and skops are there.
        Raises InvalidArgument for another format, and for what is no model of LightGBM.
        """
        lightgbm = self.framework()
        called = f"{type(model).__module__}.{type(model).__qualname__}"
        if isinstance(model, lightgbm.Booster):
            model.save_model(folder / "model.lgb")
            return Written.to("model.lgb", model_class=_BOOSTER)
        if not isinstance(model, lightgbm.LGBMModel):
            raise InvalidArgument(f"a {type(model).__name__} is neither a Booster nor a model of LightGBM")
        name, section = write_estimator(model, folder, serialization_format)
        return Written.to(name, modules={serialization_format} - {"pickle"}, model_class=called, **section)

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the model; a section that names no class holds a Booster, as MLflow before 1.23 wrote it."""
        path = self.data(folder, section, "model.lgb")
        if section.get("model_class", _BOOSTER) == _BOOSTER:
            return self.framework().Booster(model_file=path)
        return read_estimator(path, folder, section)


flavor = LightGBMFlavor()
