"""Large files go through MLflow's server straight into the S3 behind it, in parts, and both sides fetch them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from mlpack.stores.artifacts import fetch_all, open_artifacts
from tests.core.stores.listening import s3_server
from tests.interop.conftest import Mlflow
from tests.interop.environments import MLFLOWS, packages
from tests.interop.tracking import script, tracking_server

KEYS = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "testing")
#: S3 takes no smaller parts.
PART = 5 * 1024**2
THEY_READ = "import mlflow; mlflow.artifacts.download_artifacts('mlflow-artifacts:/of/mlpack/large', dst_path='copy')"


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket that the environment says how to reach."""
    s3fs = pytest.importorskip("s3fs")
    with s3_server(tmp_path / "s3.log") as endpoint:
        for name, value in {**KEYS, "AWS_DEFAULT_REGION": "us-east-1", "MLFLOW_S3_ENDPOINT_URL": endpoint}.items():
            monkeypatch.setenv(name, value)
        s3fs.S3FileSystem(endpoint_url=endpoint, skip_instance_cache=True).mkdir("files")
        yield "s3://files"


@pytest.mark.parametrize("release", MLFLOWS)
def test_a_large_file_is_whole_however_it_went(
    release: str, bucket: str, mlflow: Callable[[str], Mlflow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(PART))
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", str(PART))
    large = tmp_path / "large"
    large.write_bytes(os.urandom(2 * PART + 1))
    python = mlflow(release).python
    environ = {"PYTHONPATH": str(packages(f"boto3=={version('boto3')}"))}
    with tracking_server(python, tmp_path / "server", "--artifacts-destination", bucket, environ=environ) as uri:
        artifacts = open_artifacts("mlflow-artifacts:/of/mlpack", uri)
        artifacts.write(large, "large")
        assert fetch_all(artifacts, "large", tmp_path / "again").read_bytes() == large.read_bytes()
        script(python, uri, THEY_READ, tmp_path)
    assert (tmp_path / "copy" / "large").read_bytes() == large.read_bytes()
    (kept,) = open_artifacts(f"{bucket}/of/mlpack").list()
    # The mark of what came in parts ends with their number. Servers of MLflow 2 do not say that they take any.
    assert ("-3" in kept.mark) == release.startswith("3")
