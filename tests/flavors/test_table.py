"""The README's table of flavors."""

from __future__ import annotations

from mlpack import plugins
from tests.flavors.groups import GROUPS
from tests.flavors.table import README, START, written_into


def test_the_readme_has_the_table_that_the_code_gives() -> None:
    text = README.read_text("utf-8")
    assert START in text
    assert written_into(text) == text, "run: python -m tests.flavors.table"


def test_every_flavor_but_those_of_the_interop_suite_is_in_a_group() -> None:
    grouped = [flavor for flavors in GROUPS.values() for flavor in flavors]
    assert sorted(grouped) == sorted(set(plugins.BUILT_IN) - {"sklearn", "python_function"})
