"""Rules that hold for the whole tree and that no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

#: The one place where anything of a package is unpickled, imported or run.
MAY_RUN_A_PACKAGE = {"mlpack.unpickling"}
RUNS_CODE = {
    "pickle.load", "pickle.loads", "pickle.Unpickler", "cloudpickle.load", "cloudpickle.loads", "joblib.load",
    "runpy.run_path", "importlib.util.spec_from_file_location", "exec", "eval",
}  # fmt: skip
SHELLS = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}
#: The name of an unrelated library on the public index, asked for by a command that installs.
FOREIGN_INSTALL = re.compile(r"pip install\b[^\n]*?[\s'\"]mlpack(?![\w-])")
TEXT = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".template", ".Dockerfile", ""}


def test_packages_are_unpickled_and_run_in_one_place_only(sources: dict[str, ast.Module]) -> None:
    found = {module for module, tree in sources.items() if RUNS_CODE & set(called(tree))}
    assert found == MAY_RUN_A_PACKAGE


def test_nothing_goes_through_a_shell(sources: dict[str, ast.Module]) -> None:
    for module, tree in sources.items():
        assert SHELLS.isdisjoint(called(tree)), module
        nodes = list(ast.walk(tree))
        assert not [node for node in nodes if isinstance(node, ast.keyword) and node.arg == "shell"], module
        assert not {node.value for node in nodes if isinstance(node, ast.Constant)} & {"bash", "sh", "/bin/sh"}, module


def test_nothing_tells_anybody_to_install_the_library_that_has_our_name(root: Path) -> None:
    assert [str(path) for path in text_files(root) if FOREIGN_INSTALL.search(path.read_text("utf-8"))] == []


def called(tree: ast.Module) -> Iterator[str]:
    """The dotted names that a module uses, aliases of imports resolved."""
    aliases = {
        alias.asname or alias.name: f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)):
            first, dot, rest = ast.unparse(node).partition(".")
            yield f"{aliases.get(first, first)}{dot}{rest}"


def text_files(root: Path) -> Iterator[Path]:
    for folder in ("mlpack", "flavors", "serving", "dockerfiles", "tests", "examples", "benchmarks", "docs", "scripts"):
        yield from (path for path in (root / folder).rglob("*") if path.is_file() and path.suffix in TEXT)
    yield from (path for path in root.iterdir() if path.is_file() and path.suffix in TEXT)
