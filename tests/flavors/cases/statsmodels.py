"""A regression, one by a formula, and a time series."""

from typing import Any

import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from sklearn.datasets import load_diabetes
from statsmodels.tsa.api import AutoReg

from tests.flavors.cases import Case


def regression() -> Case:
    """Least squares on named columns."""
    data, target = load_diabetes(return_X_y=True, as_frame=True)
    return Case(sm.OLS(target, data).fit(), data.iloc[::50], lambda native, rows: native.predict(rows))


def formula() -> Case:
    """A linear model by a formula of three columns, without the data it was fitted on."""
    data = load_diabetes(as_frame=True).frame
    model = smf.glm("target ~ bmi + bp * s5", data).fit()
    rows = data[["bmi", "bp", "s5"]].iloc[::50]
    return Case(model, rows, lambda native, given: native.predict(given), options={"remove_data": True})


def series() -> Case:
    """A forecast of sunspots, which is asked by one row."""
    spots = sm.datasets.sunspots.load_pandas().data["SUNACTIVITY"]
    asked = pd.DataFrame({"start": [len(spots)], "end": [len(spots) + 4]})

    def forecast(native: Any, row: pd.DataFrame) -> Any:
        return native.predict(start=row["start"].iloc[0], end=row["end"].iloc[0])

    return Case(AutoReg(spots, lags=3).fit(), asked, forecast)


CASES = {"regression": regression, "formula": formula, "series": series}
