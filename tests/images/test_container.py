"""How what runs in an image finds its model and its port."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlpack.cli.container import main, model_of
from mlpack.errors import PackageNotFound


@pytest.fixture
def places(tmp_path: Path) -> list[Path]:
    return [tmp_path / "sagemaker", tmp_path / "kserve"]


def test_a_model_that_is_named_comes_before_one_that_is_there(places: list[Path]) -> None:
    _package(places[1])
    assert model_of({"MLPACK_MODEL_URI": "models:/iris/3", "AIP_STORAGE_URI": "gs://b/x"}, places) == "models:/iris/3"
    assert model_of({"AIP_STORAGE_URI": "gs://b/x"}, places) == str(places[1])


def test_the_first_place_with_a_package_is_taken(places: list[Path]) -> None:
    for place in places:
        _package(place)
    assert model_of({}, places) == str(places[0])


def test_vertex_names_a_model_where_none_is_there(places: list[Path]) -> None:
    assert model_of({"AIP_STORAGE_URI": "gs://bucket/model"}, places) == "gs://bucket/model"


def test_no_model_at_all_says_where_one_is_looked_for(places: list[Path]) -> None:
    with pytest.raises(PackageNotFound, match="kserve"):
        model_of({}, places)


@pytest.mark.parametrize(
    ("given", "port"),
    [
        ({}, "8080"),
        ({"MLPACK_PORT": "9000"}, "9000"),
        ({"MLPACK_PORT": "9000", "PORT": "1"}, "1"),
        ({"PORT": "1", "AIP_HTTP_PORT": "2"}, "2"),
        ({"AIP_HTTP_PORT": "2", "SAGEMAKER_BIND_TO_PORT": "3"}, "3"),
    ],
)
def test_the_platform_says_the_port_before_the_image_does(given: dict[str, str], port: str) -> None:
    assert main(["--version"], given) == 0
    assert given["MLPACK_PORT"] == port


def test_nobody_at_the_port_is_not_healthy() -> None:
    assert main(["health"], {"PORT": "1"}) == 1


def _package(folder: Path) -> None:
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
