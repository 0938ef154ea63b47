"""What is special to pmdarima: the row that asks for a forecast."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import mlpack.pmdarima
import mlpack.pyfunc
from mlpack.errors import SchemaMismatch
from mlpack.pyfunc import PyFuncModel
from tests.flavors.cases.pmdarima import arima


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> PyFuncModel:
    path = tmp_path_factory.mktemp("pmdarima") / "model"
    mlpack.pmdarima.save_model(arima().model, path)
    return mlpack.pyfunc.load_model(path)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (pd.DataFrame({"n_periods": [3, 4]}), "a frame of one row, got 2 rows"),
        (pd.DataFrame({"periods": [3]}), "'n_periods' expects a whole number, at least 1, got None"),
        (pd.DataFrame({"n_periods": [0]}), "'n_periods' expects a whole number"),
        (pd.DataFrame({"n_periods": [2.5]}), "'n_periods' expects a whole number"),
        ([1, 2], "a frame of one row"),
    ],
)
def test_a_row_that_does_not_ask_for_a_forecast_is_refused(model: PyFuncModel, asked: Any, reason: str) -> None:
    with pytest.raises(SchemaMismatch, match=reason):
        model.predict(asked)


def test_intervals_narrow_as_they_may_be_wrong_more_often(model: PyFuncModel) -> None:
    wide, narrow = (
        model.predict(pd.DataFrame({"n_periods": [2], "return_conf_int": [True], "alpha": [alpha]}))
        for alpha in (0.01, 0.5)
    )
    assert (wide["yhat_lower"] < narrow["yhat_lower"]).all()
    assert (wide["yhat_upper"] > narrow["yhat_upper"]).all()
