"""``mlpack models validate``: a package loaded, and tried on its own example as the server would."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from mlpack.cli import errors, options
from mlpack.cli.console import results, say
from mlpack.cli.fetching import fetched
from mlpack.cli.tables import table

if TYPE_CHECKING:
    from mlpack.loading import Package
    from mlpack.payloads import Payload
    from mlpack.pyfunc import PyFuncModel

OK, FAILED, SKIPPED = "ok", "failed", "skipped"


@dataclass
class Step:
    """One step of a validation: how it went, in how many seconds, and what is to say of it."""

    name: str
    result: str = SKIPPED
    seconds: float = 0.0
    detail: str = ""
    tip: str = ""


@click.command()
@options.model_uri
@options.as_json
def validate(model_uri: str, as_json: bool) -> int:
    """Try a package on its own example.

    The example it was saved with takes the same way as a request to the server: decoded, checked against the
    signature, predicted, encoded. Each step is reported with its time; the exit code is 1 if one failed.

    \b
    Examples:
      mlpack models validate -m my_model
      mlpack models validate -m my_model --json | jq '.steps[] | select(.result == "failed")'
    """
    with results() as stdout:
        steps = try_out(model_uri)
        failed = next((step for step in steps if step.result == FAILED), None)
        if as_json:
            text = json.dumps({"ok": failed is None, "steps": [asdict(step) for step in steps]}, indent=2)
        else:
            rows = [(step.name, step.result, f"{step.seconds * 1000:.1f} ms", step.detail) for step in steps]
            text = table(rows, ("STEP", "RESULT", "TIME", ""))
        stdout.write(f"{text}\n".encode())
    if failed and failed.tip:
        say(failed.tip, "TIP")
    return errors.FAILED if failed else 0


def try_out(model_uri: str) -> list[Step]:
    """Take the steps in turn; after one that fails, or that finds nothing to try, the others are skipped."""
    trial = _Trial(model_uri)
    todo: list[tuple[Step, Callable[[], str | None]]] = [
        (Step("package"), trial.open),
        (Step("load"), trial.load),
        (Step("example"), trial.decode),
        (Step("predict"), trial.predict),
        (Step("answer"), trial.encode),
    ]
    for step, take in todo:
        start = perf_counter()
        try:
            detail = take()
        except Exception as error:  # noqa: BLE001  models raise anything, and the report says what
            errors.trace(error)
            failure = errors.explain(error)
            step.result, step.detail, step.tip = FAILED, failure.message, failure.tip
            break
        finally:
            step.seconds = perf_counter() - start
        if detail is None:
            step.detail = "the package was saved without one"
            break
        step.result, step.detail = OK, detail
    return [step for step, _ in todo]


class _Trial:
    """A package being tried: each method is a step, uses what those before it found, and says what it found."""

    package: Package
    model: PyFuncModel
    payload: Payload
    answer: Any

    def __init__(self, model_uri: str) -> None:
        self.model_uri = model_uri

    def open(self) -> str:
        from mlpack.loading import open_package

        self.package = open_package(fetched(self.model_uri))
        return "digests verified" if self.package.manifest.ours.get("digests") else "saved without digests"

    def load(self) -> str:
        from mlpack.pyfunc import load_model

        self.model = load_model(self.package.folder)
        return self.model.loader_module

    def decode(self) -> str | None:
        from mlpack.payloads import decode

        body = self._example()
        if body is None:
            return None
        self.payload = decode(body, "application/json", self.model.metadata)
        return f"{len(body)} bytes"

    def predict(self) -> str:
        with errors.model_at_work():
            self.answer = self.model.predict_checked(self.payload.data, self.payload.params)
        return type(self.answer).__name__

    def encode(self) -> str:
        from mlpack.payloads import encode_json

        return f"{len(encode_json(self.answer, wrapped=self.payload.wrapped))} bytes"

    def _example(self) -> bytes | None:
        """The request body that was stored, or one made of the example where an older MLflow stored none."""
        from mlpack.examples import Example, read_serving_input

        stored = read_serving_input(self.package.folder, self.model.metadata.saved_input_example_info or {})
        example = None if stored else self.model.stored_example()
        if example is None:
            return stored
        data, params = example
        return Example.of(data if params is None else (data, params)).serving_json().encode()
