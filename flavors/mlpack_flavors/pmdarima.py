"""Models and pipelines of pmdarima, which has no format but its pickle."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from mlpack.errors import InvalidArgument, SchemaMismatch
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.pickling import pickle_object
from mlpack.requirements import modules_in_pickle
from mlpack.unpickling import unpickle

_FILE = "model.pmd"


class PmdarimaFlavor(Flavor[Any]):
    """Fitted ``ARIMA`` and ``AutoARIMA`` models, and pipelines that end in one.

    Not row-wise: a forecast is asked by one row, and answered by as many as there are periods.
    """

    name = "pmdarima"
    distribution = "pmdarima"
    extra = "pmdarima"
    modules = ("pmdarima",)
    version_key = "pmdarima_version"
    loader_module = "mlflow.pmdarima"
    forkable = True
    model_argument = "pmdarima_model"

    def write(self, model: Any, folder: Path) -> Written:
        """Write ``model.pmd``; raises InvalidArgument for what is no model of pmdarima."""
        kinds = (self.framework("pmdarima.base").BaseARIMA, self.framework("pmdarima.pipeline").Pipeline)
        if not isinstance(model, kinds):
            raise InvalidArgument(f"a {type(model).__name__} is neither an ARIMA model nor a Pipeline of pmdarima")
        path = folder / _FILE
        pickle_object(model, path, "pickle")
        return Written.to(_FILE, modules=modules_in_pickle(path), model_type=type(model).__name__)

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the model."""
        return unpickle(self.data(folder, section, _FILE))

    def predictor(self, model: Any, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Forecast as a frame of one row asks.

        Its columns are ``n_periods``, and if wanted ``X`` (the future regressors, a list for each period),
        ``return_conf_int`` and ``alpha``. The answer has the column ``yhat``, with intervals also ``yhat_lower`` and
        ``yhat_upper``. Source: MLflow 3.17, ``mlflow.pmdarima``.

        Raises SchemaMismatch for another number of rows, and where ``n_periods`` is not a positive whole number.
        """

        def forecast(data: Any, params: dict[str, Any] | None) -> Any:
            import pandas as pd

            if not isinstance(data, pd.DataFrame) or len(data) != 1:
                raise SchemaMismatch(None, expected="a frame of one row", got=f"{len(data)} rows")
            asked = {name: data[name].iloc[0] for name in data}
            periods, regressors = asked.get("n_periods"), asked.get("X")
            if not isinstance(periods, Integral) or periods < 1:
                raise SchemaMismatch("n_periods", expected="a whole number, at least 1", got=repr(periods))
            intervals = bool(asked.get("return_conf_int", False))
            given = None if regressors is None else np.array([*regressors], float)
            answer = model.predict(int(periods), given, intervals, asked.get("alpha", 0.05))
            if not intervals:
                return pd.DataFrame({"yhat": answer})
            values, bounds = answer
            return pd.DataFrame({"yhat": values, "yhat_lower": bounds[:, 0], "yhat_upper": bounds[:, 1]})

        return forecast


flavor = PmdarimaFlavor()
