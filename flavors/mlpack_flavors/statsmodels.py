"""Results of statsmodels, which has no format but its pickle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument, SchemaMismatch
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.requirements import modules_in_pickle
from mlpack.unpickling import unpickle


class StatsmodelsFlavor(Flavor[Any]):
    """What ``fit`` of a model of statsmodels returns.

    Not row-wise: a formula may look at all rows, and a forecast is of none.
    """

    name = "statsmodels"
    distribution = "statsmodels"
    extra = "statsmodels"
    modules = ("statsmodels",)
    version_key = "statsmodels_version"
    loader_module = "mlflow.statsmodels"
    forkable = True
    model_argument = "statsmodels_model"

    def write(self, model: Any, folder: Path, *, remove_data: bool = False) -> Written:
        """Write ``model.statsmodels``, without the data that it was fitted on where ``remove_data`` says so.

        Raises InvalidArgument for what is not the result of a fit.
        """
        if not all(hasattr(model, method) for method in ("save", "predict", "params")):
            raise InvalidArgument(f"a {type(model).__name__} is not a result of statsmodels, which fit() returns")
        path = folder / "model.statsmodels"
        model.save(str(path), remove_data)
        return Written.to(path.name, modules=modules_in_pickle(path))

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the result."""
        return unpickle(self.data(folder, section, "model.statsmodels"))

    def predictor(self, model: Any, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Predict for rows of regressors; a time series from ``start`` to ``end``, columns of a frame of one row."""
        series = self.framework("statsmodels.tsa.base.tsa_model").TimeSeriesModel
        if not isinstance(model.model, series):
            return super().predictor(model, section, config)

        def forecast(data: Any, params: dict[str, Any] | None) -> Any:
            if len(data) != 1 or not {"start", "end"} <= set(data):
                raise SchemaMismatch(None, expected="one row with the columns start and end", got=f"{len(data)} rows")
            return model.predict(start=data["start"].iloc[0], end=data["end"].iloc[0])

        return forecast


flavor = StatsmodelsFlavor()
