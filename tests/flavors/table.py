"""``python -m tests.flavors.table``: the README's table of flavors, made of the code and of the pins of the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.requirements import Requirement

from mlpack import plugins
from tests.flavors.groups import GROUPS, ROOT, frameworks

START, END = "<!-- flavors: python -m tests.flavors.table -->\n", "<!-- end of flavors -->"
README = ROOT / "README.md"


def rendered() -> str:
    """The table as Markdown."""
    head = ["| `mlpack.` | models | extra | tested with | waiting requests |", "|---|---|---|---|---|"]
    return "\n".join([*head, *map(_line, plugins.BUILT_IN), ""])


def _line(name: str) -> str:
    flavor = plugins.get(name)
    (models, *_) = (type(flavor).__doc__ or "").splitlines()
    extra = f"`{flavor.extra}`" if flavor.extra else ""
    batches = "together" if flavor.row_wise else "one by one"
    return f"| `{name}` | {models} | {extra} | {', '.join(_tested(name))} | {batches} |"


def _tested(name: str) -> Iterator[str]:
    """The pinned versions of what the flavor needs: ``XGBoost 3.2.0``."""
    (group,) = [group for group, flavors in GROUPS.items() if name in flavors] or ["light"]
    lines = map(Requirement, frameworks(group))
    pins = {line.name: str(line.specifier).removeprefix("==") for line in lines if line.specifier}
    flavor = plugins.get(name)
    for distribution in dict.fromkeys((flavor.distribution, *flavor.modules)):
        if distribution in pins:
            yield f"{distribution} {pins[distribution]}"


def written_into(text: str) -> str:
    """A README with the table in its place."""
    return re.sub(f"(?s){re.escape(START)}.*{re.escape(END)}", lambda _: f"{START}{rendered()}{END}", text)


if __name__ == "__main__":
    README.write_text(written_into(README.read_text("utf-8")), "utf-8")
