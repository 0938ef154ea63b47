"""Who reads what whom wrote: the combinations that are tested."""

from __future__ import annotations

from tests.interop.catalogue import sitting  # noqa: F401  # it registers the cases
from tests.interop.catalogue.cases import CASES, Case
from tests.interop.environments import MLFLOWS


def readings() -> list[tuple[str, str, str]]:
    """(release, saver, case): each release of MLflow reads its own packages and those of mlpack, as mlpack does."""
    return [
        (release, saver, case.name)
        for release in MLFLOWS
        for saver in (release, "mlpack")
        for case in CASES.values()
        if readable(case, release, saver)
    ]


def readable(case: Case, release: str, saver: str) -> bool:
    """Whether the saver can write the case and the release knows what it uses (skops, since 3.9)."""
    major, minor = release.split(".")[:2]
    library = saver if saver == "mlpack" else "mlflow"
    return library in case.by and case.since <= (int(major), int(minor))
