"""The README and the pages in docs/ are true: their Python runs, their links lead somewhere, nothing is left out."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from mlpack import errors
from mlpack.cli import cli
from mlpack_serving.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md")), *ROOT.glob("examples/*/*.md")]
ERRORS = [
    error.__name__ for error in vars(errors).values() if isinstance(error, type) and error.__module__ == errors.__name__
]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "```python" in page.read_text("utf-8")], ids=lambda page: page.name
)
def test_the_python_of_a_page_runs_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text(
        "\n".join(re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE))
    )
    run = subprocess.run([sys.executable, str(script)], check=False, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_serving_page_explains_every_option_and_its_variables() -> None:
    page = (ROOT / "docs" / "serving.md").read_text("utf-8")
    named = {name for option in fields(Settings) for name in (*option.metadata["flags"], *option.metadata["env"])}
    assert [name for name in sorted(named) if f"`{name}`" not in page] == []


def test_the_serving_page_shows_the_default_of_every_option() -> None:
    page = (ROOT / "docs" / "serving.md").read_text("utf-8")
    rows = {option.metadata["flags"][-1]: f"{option.default}" for option in fields(Settings)}
    assert [flag for flag, default in rows.items() if not re.search(rf"`{flag}`[^\n]* \| {default} \|", page)] == []


@pytest.mark.parametrize("name", ERRORS)
def test_the_page_of_errors_has_every_class(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "errors.md").read_text("utf-8")


def test_the_readme_has_every_command() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    assert [command for command in commands(cli, "mlpack") if f"`{command}`" not in page] == []


def commands(group: click.Group, name: str) -> Iterator[str]:
    for child, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {child}")
        else:
            yield f"{name} {child}"
