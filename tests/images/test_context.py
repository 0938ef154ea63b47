"""The folder that an image is built from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlpack.images.context import Ingredients, write_context
from mlpack.images.dockerfile import Plan
from mlpack.images.labels import labels_of
from mlpack.loading import open_package

PLAN = Plan("python:3.11-slim", "3.11")
PIN = "six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274\n"


def test_it_is_the_same_each_time(iris: Callable[..., Path], tmp_path: Path) -> None:
    model = iris()
    for name in ("a", "b"):
        write_context(tmp_path / name, PLAN, Ingredients(PIN, model))
    assert _tree(tmp_path / "a") == _tree(tmp_path / "b")
    assert (tmp_path / "a/model/opt/ml/model/MLmodel").read_bytes() == (model / "MLmodel").read_bytes()


def test_only_a_build_that_fetches_is_told_where_from_and_the_password_is_not_for_all(tmp_path: Path) -> None:
    conf = tmp_path / "pip.conf"
    conf.write_text("[global]\nindex-url = https://user:secret@index.example/simple\n")
    write_context(tmp_path / "image", PLAN, Ingredients(PIN, pip_conf=conf))
    copy = tmp_path / "image/build/pip.conf"
    assert copy.read_bytes() == conf.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600


def test_labels_are_the_models_and_not_the_clocks(iris: Callable[..., Path]) -> None:
    package = open_package(iris())
    found = labels_of(package, "host:5000/team/iris:7", ("Iris", "3"))
    assert found == labels_of(package, "host:5000/team/iris:7", ("Iris", "3"))
    assert found["org.opencontainers.image.title"] == "iris"
    assert found["org.opencontainers.image.version"] == "7"
    assert (found["io.mlpack.model.name"], found["io.mlpack.model.version"]) == ("Iris", "3")
    assert found["io.mlpack.model.digest"].startswith("sha256:")
    created = str(package.manifest.utc_time_created)
    assert found["org.opencontainers.image.created"] == f"{created[:10]}T{created[11:19]}Z"


def _tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mode,
            path.stat().st_mtime_ns,
            b"" if path.is_dir() else path.read_bytes(),
        )
        for path in (folder, *folder.rglob("*"))
    }
