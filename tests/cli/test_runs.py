"""``mlpack runs``: what was logged, as tables and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mlpack
from mlpack.cli.tables import duration_text, time_text

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture
def logged(store: Path) -> dict[str, str]:
    """Runs of a store by their names -> their ids, oldest first: two of iris and one of the default experiment."""
    client = mlpack.Client()
    iris = client.create_experiment("iris")
    ids = {}
    for start, (name, experiment) in enumerate({"first": iris, "second": iris, "other": "0"}.items()):
        run_id = client.create_run(experiment, start_time=start * 1000, run_name=name).info.run_id
        client.log_metric(run_id, "accuracy", 0.9 - start / 10)
        client.set_terminated(run_id, "FINISHED", end_time=start * 1000 + 500)
        ids[name] = run_id
    return ids


def names(run: Run, *words: str) -> list[str]:
    """The names of the runs that ``runs list`` lists, in its order."""
    return [found["info"]["run_name"] for found in json.loads(run("runs", "list", *words, "--json").out)]


def test_a_table_has_what_people_look_for(run: Run, logged: dict[str, str]) -> None:
    ran = run("runs", "list")
    head, first, *_ = ran.out.splitlines()
    assert head.split() == ["RUN", "ID", "NAME", "EXPERIMENT", "STATUS", "STARTED", "DURATION", "METRICS"]
    assert first.split() == [
        *(logged["other"], "other", "Default", "FINISHED"),
        *("1970-01-01", "00:00", "UTC", "0.5", "s", "accuracy=0.7"),
    ]
    assert (ran.code, ran.err) == (0, "")


def test_runs_are_chosen_and_ordered(run: Run, logged: dict[str, str]) -> None:
    assert names(run) == ["other", "second", "first"]
    assert names(run, "--experiment", "iris") == ["second", "first"]
    assert names(run, "--experiment", "iris", "--experiment", "Default") == ["other", "second", "first"]
    assert names(run, "--filter", "metrics.accuracy > 0.75") == ["second", "first"]
    assert names(run, "--order-by", "metrics.accuracy DESC") == ["first", "second", "other"]


def test_that_there_are_more_is_said(run: Run, logged: dict[str, str]) -> None:
    assert run("runs", "list", "--max-results", 3).err == ""
    ran = run("runs", "list", "--max-results", 2)
    assert len(ran.out.splitlines()) == 3 and "more than these 2" in ran.err


def test_the_metrics_that_were_asked_for_are_shown_first(run: Run, logged: dict[str, str]) -> None:
    for key in "abcd":
        mlpack.Client().log_metric(logged["first"], key, 1)
    assert "a=1, accuracy=0.9, b=1, and 2 more" in run("runs", "list").out
    assert "d=1, a=1, accuracy=0.9, and 2 more" in run("runs", "list", "--order-by", "metrics.d").out


def test_nothing_found_is_said_with_the_store(run: Run, store: Path) -> None:
    ran = run("runs", "list")
    assert (ran.code, ran.out, ran.err) == (0, "", f"no such runs in {store}\n")
    assert run("runs", "list", "--json").out == "[]\n"


def test_the_password_of_a_store_is_not_shown(run: Run, logged: dict[str, str], tmp_path: Path) -> None:
    client = mlpack.Client()
    client.create_experiment("far", artifact_location="mlflow-artifacts://user:secret@host/files")
    run_id = client.create_run(client.search_experiments()[0].experiment_id).info.run_id
    ran = run("runs", "show", run_id)
    assert ran.code == 0 and "secret" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["list", "--experiment", "absent"], 1, "there is no experiment 'absent'"),
        (["list", "--filter", "metrics.x >> 1"], 2, "metrics.x >"),
        (["list", "--order-by", "nonsense"], 2, "unknown attribute 'nonsense'"),
        (["list", "--max-results", "0"], 2, "--max-results"),
        (["list", "--tracking-uri", "ftp://x"], 2, "ftp: is no kind of store"),
        (["show", "0" * 32], 1, "there is no run"),
        (["show", "../x"], 2, "is no run id"),
    ],
)
def test_what_is_not_there_or_cannot_be_read_is_an_error(
    run: Run, logged: dict[str, str], words: list[str], code: int, error: str
) -> None:
    ran = run("runs", *words)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("ERROR ") and error in ran.err


def test_all_of_a_run_is_shown(run: Run, registered: str) -> None:
    with mlpack.start_run(run_name="full") as active:
        mlpack.log_param("depth", 3)
        mlpack.log_metric("loss", 0.25)
        mlpack.set_tag("team", "flowers")
        mlpack.log_text("x" * 10, "notes.txt")
        mlpack.log_text("x", "plots/loss.txt")
    lines = [line.split() for line in run("runs", "show", active.info.run_id).out.splitlines()]
    for line in (["name", "full"], ["loss", "0.25"], ["depth", "3"], ["team", "flowers"], ["status", "FINISHED"]):
        assert line in lines
    assert ["notes.txt", "10", "bytes"] in lines and ["plots/"] in lines
    assert "READY" in run("runs", "show", registered).out


def test_programs_get_all_of_a_run_as_json(run: Run, registered: str) -> None:
    mlpack.Client().log_metric(registered, "broken", float("nan"))
    mlpack.Client().log_text(registered, "x", "notes.txt")
    found = json.loads(run("runs", "show", registered, "--json").out, parse_constant=pytest.fail)
    assert found["info"]["run_id"] == registered
    assert found["data"]["metrics"] == {"broken": "NaN"}
    assert found["artifacts"] == [{"path": "notes.txt", "is_dir": False, "file_size": 1}]
    assert [model["name"] for model in found["logged_models"]] == ["model"]


def test_a_run_is_shown_where_its_files_are_out_of_reach(run: Run, store: Path) -> None:
    client = mlpack.Client()
    run_id = client.create_run(client.create_experiment("far", artifact_location="mlflow-artifacts:/far")).info.run_id
    ran = run("runs", "show", run_id, "--json")
    assert ran.code == 0 and json.loads(ran.out)["artifacts"] is None
    assert ran.err.startswith("WARNING its artifacts cannot be listed")


def test_times_are_readable() -> None:
    assert time_text(1_700_000_000_000) == "2023-11-14 22:13 UTC"
    durations = [duration_text(0, 1000 * seconds) for seconds in (0, 59, 200, 18_060)]
    assert durations == ["0.0 s", "59.0 s", "3 min 20 s", "5 h 1 min"]
    assert time_text(None) is duration_text(0, None) is None
