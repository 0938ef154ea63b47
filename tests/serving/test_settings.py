"""Every option once: its flags, its variables, its range."""

from __future__ import annotations

from dataclasses import fields

import pytest

from mlpack.errors import InvalidArgument
from mlpack.payloads.limits import Limits
from mlpack_serving.settings import Settings


def test_no_flag_and_no_variable_belongs_to_two_options() -> None:
    for key in ("flags", "env"):
        names = [name for option in fields(Settings) for name in option.metadata[key]]
        assert len(names) == len(set(names))


def test_variables_of_mlflow_stand_behind_ours() -> None:
    port = next(option for option in fields(Settings) if option.name == "port")
    assert port.metadata["env"] == ("MLPACK_PORT", "MLFLOW_PORT")


def test_limits_of_payloads_are_options_with_the_same_defaults() -> None:
    assert {limit.name: limit.default for limit in fields(Limits)}.items() <= vars(Settings()).items()


@pytest.mark.parametrize("route", ["predict", "/{path}", "/a b", "/", "", "/a?b", "/a\n"])
def test_a_route_that_is_no_plain_path_is_refused(route: str) -> None:
    with pytest.raises(InvalidArgument, match="--predict-route takes a path"):
        Settings(predict_route=route)


@pytest.mark.parametrize(
    "origin", ["page.example", "https://page.example/", "https://a@page.example", "null", "file://x"]
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(InvalidArgument, match="is no origin"):
        Settings(cors_origins=f"https://page.example:8443, {origin}")


@pytest.mark.parametrize("options", [{"port": 65536}, {"workers": 0}, {"timeout": float("nan")}, {"json_depth": -1}])
def test_a_number_out_of_range_is_refused_by_the_name_of_its_flag(options: dict[str, float]) -> None:
    with pytest.raises(InvalidArgument, match=r"^--[a-z-]+ takes a number from "):
        Settings(**options)  # type: ignore[arg-type]
