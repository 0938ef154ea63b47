"""Which way imports go: a module may import from its own layer and from those above it in the table."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter

#: From the ground up. A name stands for the module and all below it, except ``mlpack`` itself.
LAYERS = (
    ("errors", "exceptions"),
    (
        *("files", "yamlio", "processors", "workers"),
        *("datatypes", "schema", "signature", "inference", "type_hints"),
        *("values", "table", "containers", "tensors", "enforcement"),
    ),
    ("entities", "manifest", "requirement_lines", "environment", "code", "digest", "imports", "opcodes"),
    ("stores", "requirements", "trust", "payloads", "examples", "installers", "own_wheel", "restoring"),
    ("flavor",),
    (
        *("plugins", "saving", "loading", "pyfunc", "models", "types", "client", "tracking"),
        *("standins", "predict_functions", "python_model", "code_model", "pickling", "unpickling"),
    ),
    ("images",),
    ("mlpack_flavors",),
    ("mlpack_serving",),
    (
        *("catboost", "fastai", "h2o", "keras", "lightgbm", "onnx", "pmdarima", "prophet"),
        *("pytorch", "sentence_transformers", "sklearn", "spacy", "spark"),
        *("statsmodels", "tensorflow", "transformers", "xgboost"),
        *("cli", "finder", "__main__", "mlpack"),
    ),
)
LAYER_OF = {
    name if name.startswith("mlpack") else f"mlpack.{name}": number
    for number, names in enumerate(LAYERS, start=1)
    for name in names
}
#: A flavor's final verbs stand on the pipelines, which stand on the flavor: these are imported inside the verbs.
UPWARD = {("mlpack.flavor", f"mlpack.{name}") for name in ("saving", "loading", "tracking.models", "models.info")}


def test_every_module_has_a_layer(sources: dict[str, ast.Module]) -> None:
    assert [name for name in sources if layer(name) is None] == []


def test_modules_import_only_their_own_layer_and_those_below(sources: dict[str, ast.Module]) -> None:
    wrong = [
        f"{module} (layer {layer(module)}) imports {imported} (layer {layer(imported)})"
        for module, imported in edges(sources)
        if (layer(imported) or 0) > (layer(module) or 0) and (module, imported) not in UPWARD
    ]
    assert wrong == []


def test_the_upward_imports_are_inside_functions(sources: dict[str, ast.Module]) -> None:
    assert UPWARD.isdisjoint((module, name) for module, names in at_import(sources).items() for name in names)


def test_no_modules_import_each_other_in_a_circle(sources: dict[str, ast.Module]) -> None:
    TopologicalSorter(at_import(sources)).prepare()  # raises CycleError with the names


def layer(module: str) -> int | None:
    """The number of the longest name in the table that is the module or a package around it."""
    while module not in LAYER_OF:
        module, _, _ = module.rpartition(".")
        if module in ("", "mlpack"):
            return None
    return LAYER_OF[module]


def edges(sources: dict[str, ast.Module]) -> Iterator[tuple[str, str]]:
    """Every import of one of our modules by another, wherever in the module it stands."""
    for module, tree in sources.items():
        for imported in imports(module, ast.walk(tree), sources):
            if imported != module:
                yield module, imported


def at_import(sources: dict[str, ast.Module]) -> dict[str, set[str]]:
    """What each of our modules imports when it is imported itself."""
    return {module: set(imports(module, tree.body, sources)) - {module} for module, tree in sources.items()}


def imports(module: str, nodes: Iterable[ast.AST], sources: dict[str, ast.Module]) -> Iterator[str]:
    """Those of our modules that the import statements among ``nodes`` name."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in sources)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: imports are absolute in this project"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                # The version is a constant at the top that any layer may quote.
                if name in sources:
                    yield name
                elif node.module in sources and name != "mlpack.__version__":
                    yield str(node.module)
