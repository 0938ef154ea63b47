"""``mlpack models update-pip-requirements``: the requirements of a saved package, edited in place."""

from __future__ import annotations

import click

from mlpack.cli import options
from mlpack.cli.console import plain


@click.command("update-pip-requirements")
@options.model_uri
@click.argument("operation", type=click.Choice(["add", "remove"]))
@click.argument("requirements", nargs=-1, required=True)
def update_pip_requirements(model_uri: str, operation: str, requirements: tuple[str, ...]) -> None:
    """Edit the requirements of a package.

    requirements.txt, conda.yaml and the digests are written anew, and the requirements as they are now are printed.
    An added requirement takes the place of one of the same name; what is removed is named with or without a version.

    \b
    Examples:
      mlpack models update-pip-requirements -m my_model add "pandas==2.2.3" "scipy>=1.11"
      mlpack models update-pip-requirements -m my_model remove matplotlib
    """
    from mlpack.models import update_model_requirements

    environment = update_model_requirements(model_uri, operation, requirements)  # type: ignore[arg-type]
    for line in environment.requirements:
        click.echo(plain(line))
