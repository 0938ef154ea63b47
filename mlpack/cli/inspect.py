"""``mlpack models inspect``: what a package is, without running anything of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from mlpack.cli import options
from mlpack.cli.console import plain, say
from mlpack.cli.errors import FAILED
from mlpack.cli.fetching import fetched
from mlpack.cli.tables import pairs_text, size_text, table

if TYPE_CHECKING:
    from mlpack.cli.description import Description


@click.command()
@options.model_uri
@options.as_json
def inspect(model_uri: str, as_json: bool) -> int:
    """Show what a package is.

    Flavors, signature, requirements, digests, size. Nothing of the package is unpickled, imported or run, so this is
    safe on a package that nobody knows. A broken one is shown as far as it can be read, and the exit code is 1.

    \b
    Examples:
      mlpack models inspect -m my_model
      mlpack models inspect -m my_model --json | jq .requirements
    """
    from mlpack.cli.description import describe

    found = describe(fetched(model_uri))
    if as_json:
        click.echo(found.to_json())
    else:
        click.echo("\n\n".join(_sections(found)))
        for note in found.notes:
            say(note, "WARNING")
        for problem in found.problems:
            say(problem, "ERROR")
    return FAILED if found.problems else 0


def _sections(found: Description) -> Iterator[str]:
    yield _facts(found)
    if found.flavors:
        yield table([(name, _details(section)) for name, section in found.flavors.items()], ("FLAVOR", "DETAILS"))
    for part, last in (("inputs", "REQUIRED"), ("params", "DEFAULT"), ("outputs", "")):
        specs = (found.signature or {}).get(part)
        if specs:
            yield table((_column(spec, last) for spec in specs), (part.upper(), "TYPE", last))
    for head, lines in (("REQUIREMENTS", found.requirements), ("CONSTRAINTS", found.constraints)):
        if lines:
            yield "\n".join([head, *map(plain, lines)])


def _facts(found: Description) -> str:
    version = f"mlpack {found.mlpack_version}" if found.mlpack_version else f"MLflow {found.mlflow_version or '1.x'}"
    facts = {
        "package": found.path,
        "size": f"{size_text(found.size_bytes)} in {found.files} files",
        "created": f"{found.created} UTC by {version}" if found.created else None,
        "model id": found.model_id,
        "run": found.run_id,
        "python": found.python,
        "loader": found.loader_module,
        "code": found.code,
        "example": _details(found.example) if found.example else None,
        "metadata": json.dumps(found.metadata) if found.metadata else None,
        "digests": found.digests,
    }
    return table([(name, fact) for name, fact in facts.items() if fact])


def _column(spec: Mapping[str, Any], last: str) -> tuple[str, str, str | None]:
    facts = {"REQUIRED": "yes" if spec.get("required", True) else "no", "DEFAULT": json.dumps(spec.get("default"))}
    return str(spec.get("name", "-")), type_text(spec), facts.get(last)


def type_text(spec: Mapping[str, Any]) -> str:
    """A type of a signature in words: ``array of long``, ``{name: string, age?: long}``, ``tensor float64 (-1, 4)``."""
    kind = str(spec["type"])
    if kind == "tensor":
        tensor = spec["tensor-spec"]
        return f"tensor {tensor['dtype']} ({', '.join(map(str, tensor['shape']))})"
    if kind == "array":
        return f"array of {type_text(spec['items'])}"
    if kind == "map":
        return f"map of {type_text(spec['values'])}"
    if kind == "object":
        parts = (
            f"{name}{'' if part.get('required', True) else '?'}: {type_text(part)}"
            for name, part in spec["properties"].items()
        )
        return f"{{{', '.join(parts)}}}"
    return f"list of {kind}" if spec.get("shape") else kind


def _details(section: Mapping[str, Any]) -> str:
    return pairs_text({key: value for key, value in section.items() if isinstance(value, (str, int, float))})
