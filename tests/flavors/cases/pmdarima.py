"""A forecast with and without intervals, one with a regressor, and one by a pipeline: each asked by a row."""

from typing import Any

import numpy as np
import pandas as pd
from pmdarima import ARIMA
from pmdarima.pipeline import Pipeline
from pmdarima.preprocessing import BoxCoxEndogTransformer

from tests.flavors.cases import Case

_COUNT = np.arange(80)
_SERIES = 20 + np.sin(_COUNT / 3.0) + _COUNT / 40


def arima() -> Case:
    """Ten periods."""
    return Case(_arima().fit(_SERIES), pd.DataFrame({"n_periods": [10]}), _forecast)


def intervals() -> Case:
    """Five periods and their intervals, after a series of pandas."""
    asked = pd.DataFrame({"n_periods": [5], "return_conf_int": [True], "alpha": [0.1]})
    return Case(_arima().fit(pd.Series(_SERIES)), asked, _forecast)


def regressor() -> Case:
    """Three periods, of which a regressor is known."""
    rain = np.cos(_COUNT * 1.7).reshape(-1, 1)
    asked = pd.DataFrame({"n_periods": [3], "X": [[[0.5], [-0.25], [1.0]]]})
    return Case(_arima().fit(_SERIES + rain[:, 0], X=rain), asked, _forecast)


def pipeline() -> Case:
    """Four periods, after a transformation."""
    model = Pipeline([("boxcox", BoxCoxEndogTransformer()), ("arima", _arima())]).fit(_SERIES)
    return Case(model, pd.DataFrame({"n_periods": [4]}), _forecast)


def _arima() -> ARIMA:
    return ARIMA(order=(2, 1, 1), suppress_warnings=True)


def _forecast(native: Any, row: pd.DataFrame) -> pd.DataFrame:
    asked: dict[str, Any] = {str(name): row[name].tolist()[0] for name in row}
    answer = native.predict(**asked)
    if "return_conf_int" not in asked:
        return pd.DataFrame({"yhat": answer})
    values, bounds = answer
    return pd.DataFrame({"yhat": values, "yhat_lower": bounds[:, 0], "yhat_upper": bounds[:, 1]})


CASES = {"arima": arima, "intervals": intervals, "regressor": regressor, "pipeline": pipeline}
