"""The servers: what each is installed from, how it is started, and what it is asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from benchmarks.libraries import MLFLOW_RELEASE, own_python
from benchmarks.load.protocols import Protocol, arrow, invocations, open_inference, rows
from tests.interop.environments import environment, pins, requirements
from tests.interop.servers import Server, free_port, listening

SCRIPTS = Path(__file__).parents[1] / "scripts"
#: No server reports to its makers.
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "BENTOML_DO_NOT_TRACK": "true", "DO_NOT_TRACK": "1"}


@dataclass(frozen=True, eq=False)
class Contender:
    """A server, and ``python``, which gives the one to start it with; what is not kept is made in a folder.

    ``{package}`` and ``{port}`` in its command and variables are those of the run.

    ``only`` are the models that it serves, empty for all of them: variants of a server need not serve each.
    """

    name: str
    title: str
    python: Callable[[Path], Path]
    command: tuple[str, ...]
    protocol: Protocol = invocations
    health: str = "/health"
    variables: dict[str, str] = field(default_factory=dict)
    only: frozenset[str] = frozenset()

    def serving(self, python: Path, package: Path, log: Path) -> AbstractContextManager[Server]:
        """The server on a free port, in the environment of ``python``, until it is left."""
        port = free_port()
        known = {"package": package, "port": port, "scripts": SCRIPTS, "folder": log.parent}
        command = [part.format(**known) for part in self.command]
        variables = {name: value.format(**known) for name, value in self.variables.items()}
        return listening(python, command, port, log, health=self.health, **QUIET, **variables)


def _installed(*lines: str) -> Callable[[Path], Path]:
    """A kept environment with these, and with the libraries that the models were pickled with."""
    return lambda folder: environment((*pins("pandas"), *lines))


def _own(*extras: str) -> Callable[[Path], Path]:
    """mlpack as it is in this checkout, in an environment made once in a run."""
    return lambda folder: _made(folder / "-".join(("mlpack", *extras)), *extras)


_made = cache(own_python)


def _serve(library: str, *options: str) -> tuple[str, ...]:
    local = ("--env-manager", "local")
    return (library, "models", "serve", "-m", "{package}", "-p", "{port}", *local, *(options or ("-w", "1")))


_MLFLOW = requirements(MLFLOW_RELEASE)
_IRIS = frozenset({"iris"})

CONTENDERS = (
    Contender("mlflow", f"MLflow {MLFLOW_RELEASE}", lambda folder: environment(_MLFLOW), _serve("mlflow")),
    Contender(
        "mlflow-w2",
        f"MLflow {MLFLOW_RELEASE}, 2 workers",
        lambda folder: environment(_MLFLOW),
        _serve("mlflow", "-w", "2"),
        only=_IRIS,
    ),
    Contender(
        "mlflow-uvloop",
        f"MLflow {MLFLOW_RELEASE} with uvloop and httptools",
        lambda folder: environment((*_MLFLOW, "uvloop", "httptools")),
        _serve("mlflow"),
        only=_IRIS,
    ),
    Contender(
        "mlserver",
        "MLServer 1.7.1, no workers",
        _installed("mlserver==1.7.1", "mlserver-sklearn==1.7.1", "uvloop<0.22"),
        ("mlserver", "start", "{scripts}/mlserver"),
        open_inference,
        "/v2/health/ready",
        {
            "MLSERVER_MODEL_URI": "{package}/model.pkl",
            "MLSERVER_HTTP_PORT": "{port}",
            "MLSERVER_PARALLEL_WORKERS": "0",
            "MLSERVER_DEBUG": "false",
        },
    ),
    Contender(
        "bentoml",
        "BentoML 1.4.39",
        _installed("bentoml==1.4.39"),
        ("bentoml", "serve", "bentoml_service:Service", "--port", "{port}", "--working-dir", "{scripts}"),
        rows,
        "/readyz",
        {"MODEL": "{package}/model.pkl", "BENTOML_HOME": "{folder}/bentoml", "BENTOML_HOST": "127.0.0.1"},
    ),
    Contender(
        "litserve",
        "LitServe 0.2.19",
        _installed("litserve==0.2.19"),
        ("python", "{scripts}/litserve_api.py", "{package}/model.pkl", "{port}"),
        rows,
    ),
    Contender("mlpack", "mlpack", _own("sklearn"), _serve("mlpack")),
    Contender(
        "mlpack-single",
        "mlpack, --max-batch-rows 1",
        _own("sklearn"),
        _serve("mlpack", "-w", "1", "--max-batch-rows", "1"),
        only=_IRIS,
    ),
    Contender(
        "mlpack-speed",
        "mlpack with its speed extra",
        _own("sklearn", "speed"),
        _serve("mlpack"),
        only=frozenset({"big"}),
    ),
    Contender(
        "mlpack-arrow",
        "mlpack with its speed extra, Arrow in and out",
        _own("sklearn", "speed"),
        _serve("mlpack"),
        arrow,
        only=frozenset({"big"}),
    ),
)
