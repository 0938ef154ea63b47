"""Which modules the files of a package import: read off pickles, skops files and sources, of which nothing is run.

Modules are named by their top-level name, except that below a namespace package such as ``google``, which many
distributions share, the name goes on to the first real module (``google.cloud.storage``).
"""

from __future__ import annotations

import ast
import bz2
import gzip
import io
import itertools
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from mlpack.opcodes import names_in_pickle

_PICKLE = re.compile(r".*\.(pkl|pickle|cloudpickle|joblib)(\.(gz|xz|bz2|z|lzma))?")
_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def modules_in(folder: Path) -> set[str]:
    """The modules that the pickles, skops files and sources below a folder import, without those in it."""
    found: set[str] = set()
    for path in folder.rglob("*"):
        if not path.is_file() or path.is_symlink():
            continue
        if path.suffix == ".py":
            found |= modules_in_source(path)
        elif path.suffix == ".skops":
            found |= modules_in_skops(path)
        elif _PICKLE.fullmatch(path.name):
            found |= modules_in_pickle(path)
    return found - _modules_of(folder) - _modules_of(folder / "code")


def modules_in_pickle(path: Path) -> set[str]:
    """The modules that a pickle (plain, compressed, or of PyTorch) names, in the functions that it carries too.

    Reads opcodes and unpickles nothing.
    """
    with _decompressed(path) as file:
        return _shortened(names_in_pickle(file))


def modules_in_skops(path: Path) -> set[str]:
    """The modules that the schema of a skops file names; none when it is not such a file."""
    try:
        with zipfile.ZipFile(path) as archive:
            schema = json.loads(archive.read("schema.json"))
    except (zipfile.BadZipFile, KeyError, ValueError):
        return set()
    found, rest = set(), [schema]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            found.add(str(node.get("__module__", "")))
        rest += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return _shortened(found)


def modules_in_source(path: Path) -> set[str]:
    """The modules that a Python file, or the files of a folder, import, without those in the folder itself."""
    if path.is_dir():
        inside = [modules_in_source(file) for file in path.rglob("*.py")]
        return set().union(*inside) - _modules_of(path)
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):  # a template, or code for another Python: nothing that runs here imports it
        return set()
    return _shortened(itertools.chain.from_iterable(_imports(tree)))


def find_module(name: str) -> tuple[str, ModuleSpec | None]:
    """The shortest leading part of a dotted name that is a module with a file, and where it is; imports nothing."""
    top, *rest = name.split(".")
    try:
        spec = find_spec(top)
    except ValueError:  # a module without a spec, such as __main__
        return top, None
    found = top
    for part in rest:
        if spec is None or spec.origin is not None or spec.submodule_search_locations is None:
            break
        deeper = PathFinder.find_spec(f"{found}.{part}", spec.submodule_search_locations)
        if deeper is None:
            break
        found, spec = f"{found}.{part}", deeper
    return found, spec


def _shortened(names: Iterable[str]) -> set[str]:
    return {find_module(name)[0] for name in names if _NAME.fullmatch(name)}


def _modules_of(folder: Path) -> set[str]:
    """The top-level modules that a folder holds."""
    return {path.stem for path in folder.glob("*") if path.is_dir() or path.suffix == ".py"}


def _imports(node: ast.AST) -> Iterator[list[str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield [alias.name for alias in child.names]
        elif isinstance(child, ast.ImportFrom) and not child.level:
            yield [f"{child.module}.{alias.name}" for alias in child.names]
        elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            yield from _imports(ast.Module(child.orelse, []))
        else:
            yield from _imports(child)


def _decompressed(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        magic = file.read(6)
    if magic.startswith(b"\x1f\x8b"):
        return io.BufferedReader(gzip.open(path))
    if magic.startswith(b"BZh"):
        return bz2.open(path)
    if magic.startswith((b"\xfd7zXZ\x00", b"]\x00\x00")):
        return lzma.open(path)
    if magic.startswith(b"PK\x03\x04"):  # an archive of PyTorch
        with zipfile.ZipFile(path) as archive:
            pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            return io.BytesIO(b"".join(map(archive.read, pickles)))
    if magic.startswith(b"x"):
        return io.BytesIO(zlib.decompress(path.read_bytes()))
    return path.open("rb")
