"""Runs while an image is built, in a stage of its own, with no more than a Python with pip or venv: installs what is in
``/build`` into ``/image/dependencies`` and ``/image/mlpack``, which become layers, the same bytes each time.
"""

import compileall
import os
import pathlib
import py_compile
import shutil
import subprocess
import sys
import venv

BUILD, DEPENDENCIES, MLPACK = map(pathlib.Path, ("/build", "/image/dependencies", "/image/mlpack"))
HOME = "opt/mlpack"
#: The earliest time that a zip file can say.
TIME = 315532800


def main(wanted: str) -> None:
    """Assemble both trees for this Python, which has to be the one that is wanted."""
    found = f"{sys.version_info.major}.{sys.version_info.minor}"
    if found != wanted:
        sys.exit(f"the model wants Python {wanted}, and the base image has {found}: choose another with --base-image")
    venv.create(DEPENDENCIES / HOME, symlinks=True)
    tools = pathlib.Path("/tools")
    venv.create(tools, with_pip=True)
    packages = f"{HOME}/lib/python{found}/site-packages"
    install(tools, DEPENDENCIES / packages, "--require-hashes", "-r", BUILD / "requirements.lock")
    install(tools, MLPACK / packages, "--no-index", *BUILD.glob("mlpack_models-*.whl"))
    for tree in (DEPENDENCIES, MLPACK):
        tidy(tree / packages)
        settle(tree)


def install(tools: pathlib.Path, target: pathlib.Path, *what: object) -> None:
    """Install into a folder just what is named: it is locked."""
    offline = ["--no-index", "--find-links", BUILD / "wheels"] if (BUILD / "wheels").is_dir() else []
    own = {"PIP_CONFIG_FILE": str(BUILD / "pip.conf")} if (BUILD / "pip.conf").exists() else {}
    trust = {"PIP_CERT": str(BUILD / "ca.pem")} if (BUILD / "ca.pem").exists() else {}
    options = [
        "--no-deps",
        "--only-binary=:all:",
        "--no-compile",
        "--no-cache-dir",
        "--no-warn-script-location",
        "--disable-pip-version-check",
    ]
    command = [tools / "bin/python", "-m", "pip", "install", "-q", *options, *offline, "--target", target, *what]
    subprocess.run(list(map(str, command)), check=True, env={**os.environ, **own, **trust})


def tidy(packages: pathlib.Path) -> None:
    """Leave out what serving never needs, and compile the rest: the file system of a container may be read-only."""
    for folder in sorted(packages.rglob("tests")):
        if folder.is_dir():
            shutil.rmtree(folder)
    for program in packages.glob("bin/*"):
        if program.read_bytes()[:2] == b"#!":
            program.unlink()  # it names the interpreter of this stage
    for record in packages.glob("*.dist-info/RECORD"):
        record.unlink()  # it lists what is gone
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    stripped = str(packages).partition("/opt/")[0]
    compileall.compile_dir(packages, quiet=2, workers=1, invalidation_mode=mode, stripdir=stripped)


def settle(tree: pathlib.Path) -> None:
    """Give all that is in a tree one time and plain permissions."""
    for path in sorted(tree.rglob("*"), reverse=True):  # what is in a folder comes before it
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (TIME, TIME), follow_symlinks=False)


if __name__ == "__main__":
    main(sys.argv[1])
