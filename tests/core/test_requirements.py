"""Requirements are read off what a model imports, without running any of it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import pickle
import sys
import zipfile
import zlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import FunctionType

import cloudpickle
import joblib
import numpy as np
import pytest
import skops.io
import yaml
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlpack.requirements import (
    infer_requirements,
    modules_in,
    modules_in_pickle,
    modules_in_skops,
    modules_in_source,
)

X = np.arange(40.0).reshape(20, 2)
Y = np.arange(20) % 2


def by_value(source: str) -> FunctionType:
    """The function ``f`` of a source, as one of ``__main__``, which cloudpickle writes by value."""
    names: dict[str, object] = {"__name__": "__main__", "np": np, "yaml": yaml}
    exec(compile(source, "model", "exec"), names)  # noqa: S102
    function = names["f"]
    assert isinstance(function, FunctionType)
    return function


def test_the_classes_of_a_pickled_model_name_its_modules(tmp_path: Path) -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    (tmp_path / "model.pkl").write_bytes(cloudpickle.dumps(model))
    assert modules_in_pickle(tmp_path / "model.pkl") == {"numpy", "sklearn"}


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_every_protocol_is_read(tmp_path: Path, protocol: int) -> None:
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(LogisticRegression().fit(X, Y), protocol))
    assert {"numpy", "sklearn"} <= modules_in_pickle(tmp_path / "model.pkl")


def test_modules_in_functions_written_by_value_are_found(tmp_path: Path) -> None:
    function = by_value(
        "def f(x):\n"
        "    import orjson, os.path\n"
        "    from packaging.version import Version\n"
        "    def inner():\n"
        "        import click\n"
        "        return yaml.safe_load(x)\n"
        "    return np.sum(inner())\n"
    )
    (tmp_path / "model.pkl").write_bytes(cloudpickle.dumps(function))
    found = modules_in_pickle(tmp_path / "model.pkl")
    assert found >= {"orjson", "os", "packaging", "click", "yaml", "numpy", "cloudpickle"}


def test_imports_far_down_a_long_function_are_found(tmp_path: Path) -> None:
    names = "".join(f"    x.attribute_{number}\n" for number in range(300))
    (tmp_path / "model.pkl").write_bytes(cloudpickle.dumps(by_value(f"def f(x):\n{names}    import orjson\n")))
    assert "orjson" in modules_in_pickle(tmp_path / "model.pkl")


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zlib.compress])
def test_compressed_pickles_are_read(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    (tmp_path / "python_model.pkl").write_bytes(compress(cloudpickle.dumps(LogisticRegression())))
    assert modules_in_pickle(tmp_path / "python_model.pkl") == {"sklearn"}


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("xz", 3)])
def test_joblib_files_are_read_past_the_raw_bytes_of_arrays(tmp_path: Path, compress: int | tuple[str, int]) -> None:
    model = RandomForestClassifier(n_estimators=3).fit(X, Y)
    joblib.dump([np.arange(1000.0), model], tmp_path / "model.joblib", compress=compress)
    assert modules_in_pickle(tmp_path / "model.joblib") >= {"joblib", "numpy", "sklearn"}


def test_a_pickle_is_read_and_never_run(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    (tmp_path / "model.pkl").write_bytes(b"cpathlib\nPath.touch\n(cpathlib\nPath\n(V%btRtR." % bytes(touched))
    assert modules_in_pickle(tmp_path / "model.pkl") == {"pathlib"}
    assert not touched.exists()


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x80\x04\x95", b"(((((", b"0", b"R.", b"h\x05.", b"\x93."])
def test_what_is_no_pickle_names_no_modules(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.pkl").write_bytes(content)
    assert modules_in_pickle(tmp_path / "model.pkl") == set()


def test_the_schema_of_a_skops_file_names_its_modules(tmp_path: Path) -> None:
    skops.io.dump(LogisticRegression().fit(X, Y), tmp_path / "model.skops")
    assert modules_in_skops(tmp_path / "model.skops") >= {"numpy", "sklearn"}
    (tmp_path / "other.skops").write_bytes(b"no zip file")
    assert modules_in_skops(tmp_path / "other.skops") == set()
    zipfile.ZipFile(tmp_path / "empty.skops", "w").close()
    assert modules_in_skops(tmp_path / "empty.skops") == set()


def test_sources_are_read_but_for_what_only_type_checkers_import(tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text("def broken(:\n")
    (tmp_path / "model.py").write_text(
        "import helpers, yaml as y\n"
        "from typing import TYPE_CHECKING\n"
        "from . import sibling\n"
        "if TYPE_CHECKING:\n    import pandas\nelse:\n    import click\n"
        "def f():\n    from packaging.version import Version\n"
    )
    assert modules_in_source(tmp_path) == {"yaml", "typing", "click", "packaging"}
    assert modules_in_source(tmp_path / "model.py") == {"helpers", "yaml", "typing", "click", "packaging"}


def test_the_files_of_a_package_are_read_together_without_its_own_modules(tmp_path: Path) -> None:
    (tmp_path / "code" / "mine").mkdir(parents=True)
    (tmp_path / "code" / "mine" / "__init__.py").write_text("import orjson\n")
    (tmp_path / "agent.py").write_text("import mine, click\n")
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "data.csv").write_text("import pandas\n")
    (tmp_path / "artifacts" / "model.pkl.gz").write_bytes(gzip.compress(pickle.dumps(np.float64(1))))
    assert modules_in(tmp_path) == {"orjson", "click", "numpy"}


def test_a_linear_model_needs_what_mlflow_says_it_needs(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(cloudpickle.dumps(LogisticRegression().fit(X, Y)))
    names = ["cloudpickle", "numpy", "scikit-learn", "scipy"]
    assert infer_requirements({"cloudpickle", *modules_in(tmp_path)}) == [f"{name}=={version(name)}" for name in names]


def test_distributions_are_found_by_modules_of_other_names() -> None:
    assert infer_requirements({"yaml", "dateutil"}) == [
        f"python-dateutil=={version('python-dateutil')}",
        f"pyyaml=={version('pyyaml')}",
    ]


def test_what_is_always_there_or_ours_is_no_requirement() -> None:
    modules = {
        "os",
        "__main__",
        "builtins",
        "mlflow",
        "mlpack",
        "mlpack_serving",
        "setuptools",
        "pip",
        "no_such_module",
    }
    assert infer_requirements(modules) == []


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed distributions: two that share a namespace, one with a local version, one of a folder."""
    checkout = tmp_path / "checkout"
    for name, number, module in (("ns-a", "1.0", "ns/a.py"), ("ns-b", "2.0", "ns/b.py"), ("lab", "3.1+cpu", "lab.py")):
        install(tmp_path / "site", name, number, module)
    install(
        tmp_path / "site",
        "edited",
        "0.1",
        "edited.pth",
        direct_url=f'{{"url": "{checkout.as_uri()}", "dir_info": {{}}}}',
    )
    checkout.mkdir()
    (checkout / "edited_module.py").touch()
    (tmp_path / "local_module.py").touch()
    for folder in (tmp_path, checkout, tmp_path / "site"):
        monkeypatch.syspath_prepend(folder)
    return tmp_path


def install(site: Path, name: str, number: str, file: str, **metadata: str) -> None:
    info = site / f"{name.replace('-', '_')}-{number}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n")
    (info / "RECORD").write_text(f"{info.name}/METADATA,,\n{file},,\n")
    for key, text in metadata.items():
        (info / f"{key}.json").write_text(text)
    (site / file).parent.mkdir(exist_ok=True)
    (site / file).touch()


def test_distributions_that_share_a_namespace_are_told_apart(site: Path) -> None:
    (site / "model.py").write_text("from ns import a\nimport ns.b.deep\n")
    assert modules_in_source(site / "model.py") == {"ns.a", "ns.b"}
    assert infer_requirements({"ns.a"}) == ["ns-a==1.0"]
    assert infer_requirements({"ns.a", "ns.b", "ns"}) == ["ns-a==1.0", "ns-b==2.0"]


@pytest.mark.usefixtures("site")
def test_local_version_labels_are_stripped() -> None:
    assert infer_requirements({"lab"}) == ["lab==3.1"]


@pytest.mark.usefixtures("site")
def test_a_distribution_from_a_folder_is_pinned_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="edited is installed from a folder, .*version 0.1"):
        assert infer_requirements({"edited_module"}) == ["edited==0.1"]


@pytest.mark.usefixtures("site")
def test_modules_of_no_distribution_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="imports local_module, which no distribution provides; .*code_paths"):
        assert infer_requirements({"local_module", "lab"}) == ["lab==3.1"]


def test_inferring_imports_nothing() -> None:
    before = set(sys.modules)
    infer_requirements({"hypothesis", "pyarrow", "starlette"})
    assert set(sys.modules) == before
