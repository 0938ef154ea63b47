"""Groups of commands."""

from __future__ import annotations

import click


class Group(click.Group):
    """A group that shows its help, as a result and not as an error, where no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take no words for ``--help``."""
        return super().parse_args(ctx, args or ["--help"])
