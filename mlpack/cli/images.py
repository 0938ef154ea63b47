"""``mlpack models build-docker`` and ``generate-dockerfile``: a package as an image that serves it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlpack.cli.console import say
from mlpack.cli.fetching import fetched
from mlpack.cli.options import Command, tracking_uri
from mlpack.errors import InvalidArgument

if TYPE_CHECKING:
    from mlpack.images.making import Wanted

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _image_options(command: Command) -> Command:
    """The options of both commands."""
    for option in reversed(
        (
            click.option(
                "-m", "--model-uri", metavar="URI", help="the package; without it the image takes one when it starts"
            ),
            click.option(
                "--base-image",
                metavar="IMAGE",
                help="an image with the model's Python and venv  [default: python:X.Y-slim]",
            ),
            click.option("--platform", default="linux/amd64", show_default=True, help="linux/amd64 or linux/arm64"),
            click.option(
                "--wheelhouse",
                type=click.Path(file_okay=False, path_type=Path),
                help="gather all wheels in this folder, and build without a network",
            ),
            click.option("--offline", is_flag=True, help="fetch nothing at all: the wheelhouse has every wheel"),
            click.option(
                "--pip-conf", type=_FILE, help="pip's configuration file, for an index of your own; not in the image"
            ),
            click.option(
                "--ca-bundle", type=_FILE, help="certificates that the index is checked with; not in the image"
            ),
            click.option(
                "--port",
                default=8080,
                show_default=True,
                type=click.IntRange(1, 65535),
                help="port that the server listens on",
            ),
        )
    ):
        command = option(command)
    return tracking_uri(command)


@click.command("build-docker")
@click.option("-n", "--name", required=True, metavar="NAME:TAG", help="what the image is called")
@click.option("--push", is_flag=True, help="push it to the registry that its name says")
@_image_options
def build_docker(name: str, push: bool, **options: Any) -> None:
    """Build an image that serves a package.

    It holds Python, the locked requirements of the model and of the server, mlpack and the model, each a layer of its
    own; it runs as user 65532 on a read-only file system, and drains on SIGTERM.

    \b
    Examples:
      mlpack models build-docker -m models:/iris@champion -n iris:1
      mlpack models build-docker -m my_model -n iris:1 --wheelhouse wheels
      docker run --rm -p 8080:8080 iris:1
    """
    from mlpack.images import engine
    from mlpack.images.context import write_context
    from mlpack.images.making import prepare
    from mlpack.images.tokens import checked

    checked("image name", name)
    wanted = _wanted(options, title=name)
    plan, ingredients = prepare(wanted, say, _progress)
    with tempfile.TemporaryDirectory(prefix="mlpack-image-") as folder:
        place = Path(folder, "context")
        write_context(place, plan, ingredients)
        network = "none" if wanted.sources.wheelhouse else "host"
        for line in engine.build(engine.Build(place, name, wanted.platform, network)):
            say(line)
    say(f"built {name}; run it with: docker run --rm -p {plan.port}:{plan.port} {name}")
    if push:
        for line in engine.push(name):
            say(line)


@click.command("generate-dockerfile")
@click.option(
    "-d",
    "--output-directory",
    default="mlpack-image",
    show_default=True,
    type=click.Path(path_type=Path),
    help="folder to write; it must not exist",
)
@_image_options
def generate_dockerfile(output_directory: Path, **options: Any) -> None:
    """Write the folder that ``docker build`` turns into the image that build-docker builds.

    Without -m the image serves what is mounted at /opt/ml/model or /mnt/models, or what MLPACK_MODEL_URI names.

    \b
    Example:
      mlpack models generate-dockerfile -m my_model -d image && docker build image
    """
    from mlpack.images.context import write_context
    from mlpack.images.making import prepare

    write_context(output_directory, *prepare(_wanted(options), say, _progress))
    click.echo(output_directory)


def _wanted(options: dict[str, Any], title: str | None = None) -> Wanted:
    from mlpack.images.lock import Sources, index_options
    from mlpack.images.making import Wanted
    from mlpack.loading import open_package

    if options["offline"] and options["wheelhouse"] is None:
        raise InvalidArgument("--offline needs --wheelhouse, the folder that has the wheels")
    package = None if options["model_uri"] is None else open_package(fetched(options["model_uri"]))
    house, conf = options["wheelhouse"], options["pip_conf"]
    sources = Sources(house, options["offline"], index_options(conf), options["ca_bundle"])
    return Wanted(package, sources, options["platform"], options["port"], options["base_image"], title, conf)


def _progress(pins: Iterable[str], count: int) -> None:
    with click.progressbar(pins, length=count, label="wheels", item_show_func=lambda pin: pin or "") as bar:
        for _ in bar:
            pass
