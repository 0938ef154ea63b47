"""Options: those of the server come from its settings, those of MLflow that mean nothing here are explained."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from mlpack.cli import options
from mlpack.cli.serve import serve
from mlpack_serving.settings import Settings

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def parsed(*words: str) -> dict[str, Any]:
    """The values that ``serve`` would be called with."""
    return serve.make_context("serve", ["-m", "model", *words]).params


def settings(*words: str) -> Settings:
    return Settings(
        **{name: value for name, value in parsed(*words).items() if name not in ("model_uri", "env_manager")}
    )


def test_without_options_the_server_has_its_defaults() -> None:
    assert settings() == Settings()


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_an_option_of_serve(field: Any) -> None:
    texts = {"cors_origins": "https://127.0.0.2", "predict_route": "/other", "health_route": "/other"}
    texts |= {"log_format": "json", "access_log": "all"}
    value = texts.get(field.name, "127.0.0.2") if isinstance(field.default, str) else field.default + 1
    wanted: dict[str, Any] = {field.name: value}
    for flag in field.metadata["flags"]:
        assert settings(flag, str(value)) == Settings(**wanted)


@pytest.mark.parametrize("variable", ["MLPACK_PORT", "MLFLOW_PORT"])
def test_a_setting_can_come_from_the_environment(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "7")
    assert settings().port == 7
    assert settings("--port", "8").port == 8


@pytest.mark.parametrize("words", [["-p", "70000"], ["-w", "0"], ["--max-cells", "many"], ["--env-manager", "none"]])
def test_a_value_out_of_its_range_is_a_wrong_call(run: Run, words: list[str]) -> None:
    ran = run("models", "serve", "-m", "model", *words)
    assert ran.code == 2
    assert words[0] in ran.err or "--port" in ran.err or "--workers" in ran.err


@pytest.mark.parametrize("name", options.FOREIGN)
@pytest.mark.parametrize("command", ["serve", "predict", "prepare-env"])
def test_options_of_mlflow_that_mean_nothing_here_say_what_to_do(run: Run, command: str, name: str) -> None:
    ran = run("models", command, "-m", "model", name)
    assert ran.code == 2
    assert ran.err.startswith(f"ERROR {name} is an option of MLflow") and "TIP leave it out" in ran.err
