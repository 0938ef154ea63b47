"""``mlpack artifacts``: files of runs and models."""

from __future__ import annotations

from pathlib import Path

import click

from mlpack.cli import options
from mlpack.cli.fetching import fetching_bar
from mlpack.cli.groups import Group


@click.group(cls=Group)
def artifacts() -> None:
    """Get files of runs and models."""


@artifacts.command()
@click.argument("uri")
@click.option(
    "-d",
    "--dst-path",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    metavar="FOLDER",
    help="where to put it; made where it is missing  [default: the current folder]",
)
@options.tracking_uri
def download(uri: str, folder: Path) -> None:
    """Copy what URI names into a folder.

    URI is a file or a folder of files: below runs:/<run id> or models:/<name>@<alias>, at s3://, http:// and so on. It
    appears in FOLDER under its own name when it is whole, and its path is printed. Nothing is overwritten.

    \b
    Examples:
      mlpack artifacts download models:/iris@champion
      mlpack artifacts download runs:/1d3c6a0f9be94d1a8f5f1f9a2b7c8d90/plots/loss.png -d report
    """
    from mlpack.stores.downloading import download as copy

    with fetching_bar() as report:
        path = copy(uri, folder, report=report)
    click.echo(path)
