"""Loading: a package that is not what was saved, or could harm, is refused before anything of it runs."""

from __future__ import annotations

import os
import pickle
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LinearRegression

import mlpack.pyfunc
import mlpack.sklearn
from mlpack.errors import (
    DigestMismatch,
    InvalidArgument,
    InvalidPackage,
    MlpackError,
    PackageNotFound,
    UnknownFlavor,
    UnsafePackage,
)

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 1.0]})


class Canary:
    """Unpickling one writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str, int]]:
        return os.mkdir, (str(self.path), 0o700)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    model = LinearRegression().fit(FRAME, [1.0, 2.0, 3.0])
    mlpack.sklearn.save_model(model, tmp_path / "model", input_example=FRAME, code_paths=[__file__])
    return tmp_path / "model"


def edit(package: Path, *keys: str, value: object) -> None:
    """Set one key of a manifest."""
    manifest = yaml.safe_load((package / "MLmodel").read_text())
    *parents, last = keys
    section = manifest
    for key in parents:
        section = section[key]
    section[last] = value
    (package / "MLmodel").write_text(yaml.safe_dump(manifest))


def test_a_package_is_loaded_in_place_and_predicts(package: Path) -> None:
    before = sorted(package.rglob("*"))
    model = mlpack.pyfunc.load_model(package)
    assert model.predict(FRAME).tolist() == pytest.approx([1.0, 2.0, 3.0])
    assert sorted(package.rglob("*")) == before


@pytest.mark.parametrize("name", ["model.pkl", "code/test_loading.py", "input_example.json"])
def test_a_changed_file_is_refused(package: Path, name: str) -> None:
    with (package / name).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(DigestMismatch, match=f"changed: {name}"):
        mlpack.pyfunc.load_model(package)


def test_a_missing_file_is_refused(package: Path) -> None:
    (package / "model.pkl").unlink()
    with pytest.raises(DigestMismatch, match=r"missing: model\.pkl"):
        mlpack.pyfunc.load_model(package)


@pytest.mark.parametrize("name", ["code/numpy.py", "helper.py", "code/data.bin"])
def test_added_code_is_refused(package: Path, name: str) -> None:
    (package / name).write_text("raise SystemExit\n")
    with pytest.raises(DigestMismatch, match=name):
        mlpack.pyfunc.load_model(package)


def test_a_changed_environment_file_and_an_extra_file_are_one_warning(package: Path) -> None:
    (package / "requirements.txt").write_text("")
    (package / "notes.txt").write_text("remember\n")
    with pytest.warns(UserWarning, match=r"changed: requirements\.txt; not part of it: notes\.txt"):
        mlpack.pyfunc.load_model(package)


def test_suppress_warnings_is_quiet(package: Path) -> None:
    (package / "requirements.txt").write_text("numpy==1.0\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mlpack.pyfunc.load_model(package, suppress_warnings=True)


def test_each_environment_mismatch_is_named(package: Path) -> None:
    (package / "requirements.txt").write_text("numpy==1.0\npandas==1.1\n")
    with pytest.warns(UserWarning) as caught:
        mlpack.pyfunc.load_model(package)
    edited, differs = (str(warning.message) for warning in caught)
    assert edited == "the package was edited after it was saved (changed: requirements.txt)"
    assert differs.startswith("this environment differs")
    assert "numpy 1.0 wanted" in differs
    assert "pandas 1.1 wanted" in differs


@pytest.mark.parametrize(
    "target", ["../outside.pkl", "/etc/passwd", "C:\\x.pkl", "a\\..\\b", "model.pkl\0", "", 7, None]
)
def test_a_path_that_leaves_the_package_is_refused(package: Path, target: object) -> None:
    (package.parent / "outside.pkl").write_bytes(pickle.dumps(Canary(package.parent / "canary")))
    edit(package, "flavors", "sklearn", "pickled_model", value=target)
    edit(package, "flavors", "sklearn", "model_path", value=target)
    with pytest.raises(InvalidPackage):
        mlpack.sklearn.load_model(package)
    assert not (package.parent / "canary").exists()


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_links_and_pipes_are_refused(package: Path, kind: str) -> None:
    if kind == "link":
        (package / "extra").symlink_to("/etc/passwd")
    else:
        os.mkfifo(package / "extra")
    with pytest.raises(UnsafePackage, match="extra is"):
        mlpack.pyfunc.load_model(package)


@pytest.mark.parametrize("line", ["--index-url http://localhost/", "git+https://localhost/x", "numpy; $(true)", "../x"])
@pytest.mark.filterwarnings("ignore:the package was edited")
def test_a_requirement_that_is_not_a_plain_one_is_refused(package: Path, line: str) -> None:
    (package / "requirements.txt").write_text(f"numpy\n{line}\n")
    with pytest.raises(UnsafePackage, match=r"requirements\.txt, line 2"):
        mlpack.pyfunc.load_model(package)


def test_nothing_is_unpickled_before_the_digests_are_checked(package: Path) -> None:
    (package / "model.pkl").write_bytes(pickle.dumps(Canary(package.parent / "canary")))
    with pytest.raises(DigestMismatch):
        mlpack.pyfunc.load_model(package)
    assert not (package.parent / "canary").exists()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", InvalidPackage),
        ("- a list", InvalidPackage),
        ("flavors: 3", InvalidPackage),
        ("flavors: {python_function: 3}", InvalidPackage),
        ("flavors: {sklearn: {}}", UnknownFlavor),
        ("flavors: {python_function: {}}", InvalidPackage),
        ("flavors: {python_function: {loader_module: 7}}", InvalidPackage),
        ("{flavors: {}, mlpack: {digests: [MLmodel]}}", InvalidPackage),
        ("{flavors: {}, mlpack: {digests: {1: a}}}", InvalidPackage),
        ("flavors: !!python/object/apply:os.system ['true']", InvalidPackage),
        ("flavors: {python_function: {loader_module: mlflow.sklearn}}", InvalidPackage),
        ("flavors: {python_function: {loader_module: no.such.module.at.all}}", MlpackError),
        ("signature: 5\nflavors: {python_function: {loader_module: mlflow.sklearn}}", InvalidPackage),
        ("signature: {inputs: '[{'}\nflavors: {python_function: {loader_module: mlflow.sklearn}}", InvalidPackage),
    ],
)
def test_a_broken_manifest_is_a_typed_error(tmp_path: Path, text: str, error: type[Exception]) -> None:
    (tmp_path / "MLmodel").write_text(text)
    with pytest.raises(error):
        mlpack.pyfunc.load_model(tmp_path)


@pytest.mark.parametrize("uri", ["no/such/folder", "file:///no/such/folder"])
def test_a_package_that_is_not_there_is_named(uri: str) -> None:
    with pytest.raises(PackageNotFound, match="no/such/folder"):
        mlpack.pyfunc.load_model(uri)


@pytest.mark.parametrize(
    "uri", ["", "gopher://host/model", "s3://b/../model", "file://host/model", "file:///model?x=1", "a\0b"]
)
def test_a_uri_that_cannot_be_read_is_an_argument_error(uri: str) -> None:
    with pytest.raises(InvalidArgument):
        mlpack.pyfunc.load_model(uri)


def test_a_file_uri_and_a_path_with_a_colon_are_local(package: Path) -> None:
    assert mlpack.pyfunc.load_model(package.as_uri()).predict(FRAME).shape == (3,)
    moved = package.rename(package.with_name("model:7"))
    assert mlpack.pyfunc.load_model(str(moved)).predict(FRAME).shape == (3,)


def test_an_unknown_key_of_model_config_is_refused(package: Path) -> None:
    with pytest.raises(InvalidArgument, match="key of model_config 'device'"):
        mlpack.pyfunc.load_model(package, model_config={"device": "cpu"})
