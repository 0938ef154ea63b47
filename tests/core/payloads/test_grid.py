"""What a model gets from a body equals what it gets in MLflow, but where mlpack differs on purpose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.core.payloads.grid import outcome

CASES = json.loads((Path(__file__).parent / "data" / "grid.json").read_text("utf-8"))["cases"]


def form(case: dict[str, Any]) -> str:
    if case["type"] == "text/csv":
        return "csv"
    keys = ("dataframe_split", "dataframe_records", "instances", "inputs")
    return next((key for key in keys if case["body"].startswith(f'{{"{key}"')), "other")


@pytest.mark.parametrize("wanted", ["dataframe_split", "dataframe_records", "instances", "inputs", "csv", "other"])
def test_the_model_gets_what_the_grid_says(wanted: str) -> None:
    cases = [case for case in CASES if form(case) == wanted]
    expected = [case.get("ours", case["mlflow"]) for case in cases]
    wrong = [case for case, want in zip(cases, expected, strict=True) if outcome(case) != want]
    assert cases
    assert wrong == []


def test_nothing_is_accepted_with_another_value_than_it_has() -> None:
    """Where MLflow takes a body and mlpack gives the model something else, it is one of these few kinds of change."""
    changed = [case for case in CASES if case["mlflow"] and case.get("ours")]
    assert len(changed) < len(CASES) / 50
