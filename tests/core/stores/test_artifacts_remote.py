"""Files behind real servers of other protocols, on loopback: S3 as moto speaks it, and SFTP of OpenSSH."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from getpass import getuser
from pathlib import Path

import pytest

from mlpack.errors import InvalidArgument, StoreFailure
from mlpack.stores import resolve
from mlpack.stores.artifacts import fetch_all, open_artifacts
from mlpack.stores.artifacts.base import ArtifactFile
from tests.core.stores.listening import free_port, listening, s3_server

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
PasswordAuthentication no
Subsystem sftp internal-sftp
"""


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of an S3 server that has a bucket ``models``."""
    pytest.importorskip("s3fs")
    pytest.importorskip("moto")
    with s3_server(tmp_path_factory.mktemp("s3") / "log") as endpoint:
        yield endpoint


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URI of a bucket, reached as the environment says."""
    import s3fs

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", s3)
    files = s3fs.S3FileSystem(endpoint_url=s3, skip_instance_cache=True)
    if not files.exists("models"):
        files.mkdir("models")
    return f"s3://models/{os.urandom(4).hex()}"


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of an OpenSSH server, and the folder of its keys."""
    if SSHD is None:
        pytest.skip("there is no sshd here: apt-get install openssh-server")
    pytest.importorskip("sshfs")
    if os.geteuid() == 0:  # where else a service makes it
        Path("/run/sshd").mkdir(exist_ok=True)
    folder, port = tmp_path_factory.mktemp("sshd"), free_port()
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder))
    with listening([SSHD, "-D", "-e", "-f", str(folder / "config")], port, folder / "log"):
        yield port, folder


@pytest.fixture
def over_ssh(sshd: tuple[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URI of a folder of that server; the user's own configuration names the key and knows the host."""
    port, keys = sshd
    (tmp_path / ".ssh").mkdir()
    host = (keys / "host.pub").read_text()
    (tmp_path / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{port} {host}")
    shutil.copy(keys / "user", tmp_path / ".ssh" / "id_ed25519")
    monkeypatch.setenv("HOME", str(tmp_path))
    return f"sftp://{getuser()}@127.0.0.1:{port}{tmp_path}/far"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MLPACK_CACHE_ROOT", str(tmp_path / "cache"))
    monkeypatch.setenv("MLPACK_TRACKING_URI", str(tmp_path / "mlruns"))
    folder = tmp_path / "package"
    (folder / "data" / "deep").mkdir(parents=True)
    (folder / "MLmodel").write_text("flavors: {}\n")
    (folder / "data" / "large 100%.bin").write_bytes(os.urandom(11_000_000))
    (folder / "data" / "deep" / "empty").write_bytes(b"")
    return folder


def store(package: Path, uri: str) -> None:
    artifacts = open_artifacts(uri)
    for file in filter(Path.is_file, package.rglob("*")):
        artifacts.write(file, file.relative_to(package).as_posix())


def is_copy(folder: Path, package: Path) -> bool:
    names = {path.relative_to(package) for path in package.rglob("*") if path.is_file()}
    assert names == {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return all((folder / name).read_bytes() == (package / name).read_bytes() for name in names)


def test_a_package_goes_to_s3_and_comes_back(bucket: str, package: Path) -> None:
    store(package, bucket)
    assert is_copy(resolve(bucket), package)


def test_a_single_file_in_s3_is_fetched(bucket: str, package: Path, tmp_path: Path) -> None:
    store(package, f"{bucket}/model")
    fetched = fetch_all(open_artifacts(f"{bucket}/model/MLmodel"), "", tmp_path / "copy")
    assert fetched.read_bytes() == (package / "MLmodel").read_bytes()


def test_a_package_in_s3_that_changed_is_fetched_anew(bucket: str, package: Path) -> None:
    store(package, bucket)
    first = resolve(bucket)
    assert resolve(bucket) == first
    (package / "MLmodel").write_text("flavors: {}\n")
    store(package, bucket)
    assert is_copy(resolve(bucket), package)


def test_s3_goes_on_from_what_was_fetched(bucket: str, package: Path, tmp_path: Path) -> None:
    store(package, bucket)
    name = "data/large 100%.bin"
    artifacts = open_artifacts(bucket)
    file = next(file for file in artifacts.list("data") if file.path == name)
    content = (package / name).read_bytes()
    (tmp_path / "part").write_bytes(content[:10_000_000])
    steps: list[int] = []
    artifacts.read_to(file, tmp_path / "part", advance=steps.append)
    assert steps[0] == 10_000_000
    assert (tmp_path / "part").read_bytes() == content


def test_s3_does_not_go_on_from_another_file(bucket: str, package: Path, tmp_path: Path) -> None:
    store(package, bucket)
    name = "data/large 100%.bin"
    artifacts = open_artifacts(bucket)
    file = next(file for file in artifacts.list("data") if file.path == name)
    (tmp_path / "part").write_bytes((package / name).read_bytes()[:10_000_000])
    (package / name).write_bytes(os.urandom(11_000_000))
    store(package, bucket)
    artifacts.read_to(file, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == (package / name).read_bytes()


def test_what_goes_with_uploads_to_s3_is_as_mlflow_has_it(
    bucket: str, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import s3fs

    monkeypatch.setenv("MLFLOW_S3_UPLOAD_EXTRA_ARGS", '{"ServerSideEncryption": "AES256"}')
    store(package, bucket)
    files = s3fs.S3FileSystem(endpoint_url=os.environ["MLFLOW_S3_ENDPOINT_URL"], skip_instance_cache=True)
    head = files.call_s3("head_object", Bucket="models", Key=f"{bucket.rpartition('/')[2]}/MLmodel")
    assert head["ServerSideEncryption"] == "AES256"
    monkeypatch.setenv("MLFLOW_S3_UPLOAD_EXTRA_ARGS", "[]")
    with pytest.raises(InvalidArgument, match="map in JSON"):
        open_artifacts(bucket)


def test_a_bucket_that_is_not_there_is_said(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing at s3://no-such-bucket"):
        fetch_all(open_artifacts("s3://no-such-bucket/x"), "", tmp_path / "copy")


def test_wrong_keys_or_no_server_are_said_without_the_keys(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StoreFailure, match="s3://models") as failure:
        open_artifacts(bucket).list()
    assert "testing" not in str(failure.value)


def test_a_package_goes_over_ssh_and_comes_back(over_ssh: str, package: Path, tmp_path: Path) -> None:
    store(package, over_ssh)
    assert is_copy(tmp_path / "far", package)
    folder = resolve(over_ssh)
    assert is_copy(folder, package)
    assert resolve(over_ssh) == folder


def test_ssh_goes_on_from_what_was_fetched(over_ssh: str, package: Path, tmp_path: Path) -> None:
    store(package, over_ssh)
    artifacts = open_artifacts(over_ssh)
    name = "data/large 100%.bin"
    file: ArtifactFile = next(file for file in artifacts.list("data") if file.path == name)
    content = (package / name).read_bytes()
    (tmp_path / "part").write_bytes(content[:10_000_000])
    artifacts.read_to(file, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == content


def test_a_host_that_is_not_known_is_refused(over_ssh: str, tmp_path: Path) -> None:
    (tmp_path / ".ssh" / "known_hosts").write_text("")
    with pytest.raises(StoreFailure, match=r"[Hh]ost key"):
        open_artifacts(over_ssh)
