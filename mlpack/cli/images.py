"""``mlpack models build-docker`` and ``generate-dockerfile``: a package as an image that serves it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlpack.cli.console import say
from mlpack.cli.fetching import fetched
from mlpack.cli.options import Command, foreign, tracking_uri
from mlpack.files import check_target

if TYPE_CHECKING:
    from mlpack.images.preparing import Wanted

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_OPTIONS = (
    click.option(
        "-m",
        "--model-uri",
        metavar="URI",
        help="the package, as for models serve; without it the image takes one when it starts",
    ),
    click.option(
        "--base-image",
        metavar="IMAGE",
        help="an image that has the model's Python, with venv  [default: python:X.Y-slim]",
    ),
    click.option("--platform", metavar="PLATFORM", help="linux/amd64 or linux/arm64  [default: as this machine]"),
    click.option(
        "--wheelhouse", type=_FOLDER, metavar="FOLDER", help="gather all wheels here, and build without a network"
    ),
    click.option("--offline", is_flag=True, help="fetch nothing: what is not in the wheelhouse is an error"),
    click.option("--pip-conf", type=_FILE, metavar="FILE", help="pip's configuration, for an index of your own"),
    click.option("--ca-bundle", type=_FILE, metavar="FILE", help="certificates that the index is checked with"),
    click.option(
        "--port",
        default=8080,
        show_default=True,
        type=click.IntRange(1, 65535),
        help="the port that the server listens on, unless the platform says another when it starts",
    ),
)


def _image_options(command: Command) -> Command:
    """The options of both commands."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return foreign(tracking_uri(command))


@click.command("build-docker")
@click.option("-n", "--name", required=True, metavar="NAME:TAG", help="what the image is called")
@click.option("--push", is_flag=True, help="push it to the registry that its name says")
@_image_options
def build_docker(name: str, push: bool, **options: Any) -> None:
    """Build an image that serves a package.

    It holds Python, the locked requirements of the model and of the server, mlpack, and the model, each a layer of its
    own. It runs as user 65532, also on a read-only file system, and ends on SIGTERM when all requests are answered.

    \b
    Examples:
      mlpack models build-docker -m models:/iris@champion -n iris:1
      mlpack models build-docker -m my_model -n iris:1 --wheelhouse wheels
      docker run --rm -p 8080:8080 iris:1
    """
    from mlpack.images.context import write_context
    from mlpack.images.engine import Build, Engine
    from mlpack.images.preparing import planned, prepare

    wanted = _wanted(options, name)
    plan = planned(wanted)  # what is wrong with an option is told before what is wrong with the engine
    engine = Engine()
    ingredients = prepare(wanted, plan, say, _progress)
    with tempfile.TemporaryDirectory(prefix="mlpack-image-") as folder:
        context = Path(folder, "context")
        write_context(context, plan, ingredients)
        for line in engine.build(Build(context, name, wanted.platform, hermetic=ingredients.wheels is not None)):
            say(line)
    say(f"Built {name}. Serve it: docker run --rm -p {plan.port}:{plan.port} {name}")
    if push:
        for line in engine.push(name):
            say(line)
    click.echo(name)


@click.command("generate-dockerfile")
@click.option(
    "-d",
    "--output-directory",
    default="mlpack-image",
    show_default=True,
    metavar="FOLDER",
    type=_FOLDER,
    help="the folder to write, which is not there or empty",
)
@_image_options
def generate_dockerfile(output_directory: Path, **options: Any) -> None:
    """Write the folder that ``docker build`` makes the image of build-docker from.

    Without -m the image serves the package that is mounted at /opt/ml/model or /mnt/models, or that MLPACK_MODEL_URI
    names, in an environment that it restores when it starts.

    \b
    Examples:
      mlpack models generate-dockerfile -m my_model -d image
      docker build -t iris:1 image
    """
    from mlpack.images.context import write_context
    from mlpack.images.preparing import planned, prepare

    target = check_target(output_directory)
    wanted = _wanted(options)
    plan = planned(wanted)
    write_context(target, plan, prepare(wanted, plan, say, _progress))
    click.echo(output_directory)


def _wanted(options: dict[str, Any], name: str = "") -> Wanted:
    from mlpack.images.lock import default_platform
    from mlpack.images.preparing import Wanted
    from mlpack.images.sources import Sources
    from mlpack.loading import open_package
    from mlpack.stores import called, pinned

    sources = Sources(options["wheelhouse"], options["offline"], options["pip_conf"], options["ca_bundle"])
    package, registered = None, None
    if options["model_uri"] is not None:
        uri = pinned(options["model_uri"])  # an alias that moves meanwhile must not name another version
        package = open_package(fetched(str(uri)))
        known, version = called(uri)
        registered = (known, version) if version else None
    target = options["platform"] or default_platform()
    return Wanted(package, sources, target, options["port"], options["base_image"], name, registered)


def _progress(names: Iterable[str], count: int) -> None:
    if not sys.stderr.isatty():
        for _ in names:
            pass
        return
    with click.progressbar(names, length=count, label="wheels", file=sys.stderr) as bar:
        for _ in bar:
            pass
