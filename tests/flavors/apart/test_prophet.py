"""What is special to Prophet."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from prophet import Prophet

import mlpack.prophet
import mlpack.pyfunc
from mlpack.errors import InvalidArgument, InvalidPackage
from tests.flavors.cases.prophet import seasons


def test_a_model_that_was_not_fitted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="not been fitted"):
        mlpack.prophet.save_model(Prophet(), tmp_path / "model")


def test_the_file_is_json_within_json(tmp_path: Path) -> None:
    mlpack.prophet.save_model(seasons().model, tmp_path / "model")
    text = json.loads((tmp_path / "model" / "model.pr").read_text())
    assert json.loads(text)["growth"] == "linear"


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    mlpack.prophet.save_model(seasons().model, tmp_path / "model")
    (tmp_path / "model" / "model.pr").write_text('"{}"')
    manifest = tmp_path / "model" / "MLmodel"
    manifest.write_text(manifest.read_text().partition("mlpack:")[0])  # no digests
    with pytest.raises(InvalidPackage, match="prophet model cannot be read: KeyError"):
        mlpack.prophet.load_model(tmp_path / "model")


def test_intervals_are_about_where_the_model_has_them(tmp_path: Path) -> None:
    days = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=60), "y": [float(day % 7) for day in range(60)]})
    model = Prophet(uncertainty_samples=500, yearly_seasonality=False).fit(days)
    asked = model.make_future_dataframe(3, include_history=False)
    mlpack.prophet.save_model(model, tmp_path / "model", input_example=asked)
    ours, own = mlpack.pyfunc.load_model(tmp_path / "model").predict(asked), model.predict(asked)
    assert ours["yhat"].tolist() == pytest.approx(own["yhat"].tolist())
    assert ours["yhat_lower"].tolist() == pytest.approx(own["yhat_lower"].tolist(), abs=0.5)
