"""MLflow's search language over entities."""

from __future__ import annotations

import math

import pytest

from mlpack.entities import ModelVersion, RegisteredModel, Run, RunData, RunInfo
from mlpack.errors import InvalidArgument
from mlpack.stores.filters import MODEL_VERSIONS, REGISTERED_MODELS, RUNS, condition, newest_first

RUN = Run(
    RunInfo("r1", "0", "/mlruns/0/r1/artifacts", run_name="It's new", user_id="eva", status="FINISHED", start_time=100),
    RunData(
        {"rmse": 0.25, "val loss": -1e-3, "f1.macro": 0.9}, {"depth": "4", "kind": "Gradient Boosting"}, {"team": "a"}
    ),
)


@pytest.mark.parametrize(
    "fits",
    [
        "",
        "  ",
        "metrics.rmse < 0.3",
        "metric.rmse = 0.25 and params.depth = '4'",
        "metrics.`val loss` >= -1e-3 AND metrics.`val loss` <= -.001",
        'metrics."val loss"<0',
        "metrics.f1.macro > 0",
        'params.depth != "5"',
        "parameters.kind LIKE 'Grad%Boost_ng'",
        "params.kind ilike 'gradient%'",
        "tags.team IN ('a', 'b') AND attributes.run_id NOT IN ('r2')",
        "tags.owner IS NULL AND tags.team IS NOT NULL",
        "status = 'FINISHED' AND start_time >= 100",
        "attribute.Created < 101 AND attr.`run name` = 'It''s new'",
        'run.run_name = "It\'s new"',
    ],
)
def test_a_filter_that_fits(fits: str) -> None:
    assert condition(fits, RUNS)(RUN)


@pytest.mark.parametrize(
    "misses",
    [
        "metrics.rmse > 0.3",
        "metrics.absent != 1",
        "params.absent != 'x'",
        "params.kind LIKE 'gradient%'",
        "params.kind LIKE 'Grad'",
        "tags.team IS NULL",
        "end_time > 0",
        "status = 'FINISHED' AND user_id = 'ada'",
    ],
)
def test_a_filter_that_does_not(misses: str) -> None:
    assert not condition(misses, RUNS)(RUN)


@pytest.mark.parametrize(
    ("wrong", "pointed"),
    [
        ("metrics.rmse <", "metrics.rmse <>>>: at >>>, expected a number"),
        ("metrics.rmse < 'a'", "metrics.rmse < >>>'a': at >>>, expected a number"),
        ("params.depth > '4'", "params.depth >>>> '4': at >>>, expected one of =, !=, LIKE, ILIKE, IN, NOT IN"),
        ("params.depth = 4", "params.depth = >>>4: at >>>, expected a text in quotes"),
        ("status = 'a' OR status = 'b'", "status = 'a' >>>OR status = 'b': at >>>, expected AND"),
        ("metrics.val-loss > 1", "metrics.val>>>-loss > 1: at >>>, cannot read this"),
        ("runs.status = 'a'", ">>>runs.status = 'a': at >>>, unknown kind 'runs'"),
        ("stauts = 'a'", "unknown attribute 'stauts'"),
        ("tags.a IN ()", "tags.a IN (>>>): at >>>, expected a text in quotes"),
        ("tags.a = 'open", "tags.a = >>>'open: at >>>, cannot read this"),
        ("status = 'a' AND", "status = 'a' AND>>>: at >>>, expected a name"),
        ("datasets.name = 'a'", "unknown kind 'datasets'"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_with_the_place(wrong: str, pointed: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        condition(wrong, RUNS)
    assert pointed in caught.value.message


def test_versions_are_compared_by_number() -> None:
    versions = [ModelVersion("iris", str(number), f"/{number}", run_id="r") for number in (2, 9, 10)]
    fits = condition("name = 'iris' AND version_number > 2 AND source_path LIKE '/%'", MODEL_VERSIONS)
    assert [version.version for version in versions if fits(version)] == ["9", "10"]


@pytest.mark.parametrize(
    ("text", "model", "prompt"),
    [
        ("", True, False),
        ("name LIKE '%'", True, False),
        ("tags.`mlflow.prompt.is_prompt` != 'true'", True, False),
        ("tags.`mlflow.prompt.is_prompt` = 'true'", False, True),
    ],
)
def test_prompts_are_no_models_unless_they_are_asked_for(text: str, model: bool, prompt: bool) -> None:
    fits = condition(text, REGISTERED_MODELS)
    assert fits(RegisteredModel("iris")) is model
    assert fits(RegisteredModel("greeting", tags={"mlflow.prompt.is_prompt": "true"})) is prompt


def test_runs_are_ordered_by_each_clause_in_turn_and_then_by_start() -> None:
    runs = [run("a", 1, 0.5, "x"), run("b", 2, 0.1, "x"), run("c", 3, 0.5, "y"), run("d", 4, math.nan), run("e", 5)]
    assert names(newest_first(runs, [])) == "edcba"
    assert names(newest_first(runs, ["metrics.m ASC"])) == "bcade"
    assert names(newest_first(runs, ["metrics.`m` desc"])) == "cabde"
    assert names(newest_first(runs, ["params.p DESC", "metrics.m"])) == "cbade"
    assert names(newest_first(runs, ["start_time ASC"])) == "abcde"


def test_an_ordering_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="expected ASC, DESC or the end"):
        newest_first([], ["metrics.m downwards"])


def run(name: str, start: int, metric: float | None = None, param: str | None = None) -> Run:
    data = RunData({} if metric is None else {"m": metric}, {} if param is None else {"p": param})
    return Run(RunInfo(name, "0", "", start_time=start), data)


def names(runs: list[Run]) -> str:
    return "".join(run.info.run_id for run in runs)
