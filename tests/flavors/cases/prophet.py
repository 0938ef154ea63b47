"""Two years of days: a trend with the seasons, and one with a regressor and holidays, which grows to a limit.

Without samples there are no intervals, which would be drawn at random.
"""

import numpy as np
import pandas as pd
from prophet import Prophet

from tests.flavors.cases import Case

_QUIET = {"uncertainty_samples": 0, "weekly_seasonality": True, "yearly_seasonality": False}


def seasons() -> Case:
    """A trend and the days of the week."""
    days = _days()
    model = Prophet(**_QUIET).fit(days[["ds", "y"]])
    asked = model.make_future_dataframe(7, include_history=False).astype("datetime64[ns]")
    return Case(model, asked, lambda native, rows: native.predict(rows))


def regressor() -> Case:
    """Growth to a limit, a regressor and two holidays."""
    days = _days()
    holidays = pd.DataFrame({"holiday": "feast", "ds": days["ds"].iloc[[100, 465]]})
    model = Prophet(growth="logistic", holidays=holidays, **_QUIET)
    model.add_regressor("rain")
    model.fit(days)
    return Case(model, days[["ds", "cap", "rain"]].iloc[98:104], lambda native, rows: native.predict(rows))


def _days() -> pd.DataFrame:
    count = np.arange(500)
    rain = np.abs(np.sin(count * 1.7))
    level = 10 + count / 50 + np.sin(2 * np.pi * count / 7) - 2 * rain
    return pd.DataFrame(
        {"ds": pd.date_range("2024-01-01", periods=500, unit="ns"), "y": level, "cap": 30.0, "rain": rain}
    )


CASES = {"seasons": seasons, "regressor": regressor}
