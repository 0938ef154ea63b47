"""What is logged of one training, none of which may disturb it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlpack import plugins
from mlpack.client.runs import metric, now
from mlpack.examples import Example
from mlpack.signature import ModelSignature, infer_signature
from mlpack.tracking.active import ActiveRun
from mlpack_flavors.autolog.failures import Failures
from mlpack_flavors.autolog.options import Options

#: The longest key, and the longest value of a param, that every store takes. Source: MLflow 3.17's server.
_LONGEST_KEY, _LONGEST_VALUE = 250, 6000
_EXAMPLE_ROWS = 5


def first_rows(data: Any, count: int) -> Any:
    """The first rows of a frame, an array or a matrix, or of a dict of these; of a list or a series, an array."""
    if isinstance(data, Mapping):
        return {name: first_rows(column, count) for name, column in data.items()}
    if isinstance(data, str) or not hasattr(data, "__getitem__"):
        raise TypeError(f"a {type(data).__name__} has no rows")
    rows = data[:count]
    return rows if len(getattr(rows, "shape", ())) > 1 else np.asarray(list(rows))


@dataclass(frozen=True)
class Record:
    """The run that a training is logged to; what fails is kept in ``failures``, and nothing raises."""

    flavor: str
    options: Options
    run: ActiveRun
    failures: Failures

    def params(self, params: Mapping[str, Any]) -> None:
        """Log params, as texts that are cut where they are too long."""
        with self.failures.attempt("params"):
            texts = {_key(name): str(value)[:_LONGEST_VALUE] for name, value in params.items()}
            self.run.client.log_batch(self.run.info.run_id, params=texts)

    def tags(self, tags: Mapping[str, str]) -> None:
        """Set tags."""
        with self.failures.attempt("tags"):
            self.run.client.log_batch(self.run.info.run_id, tags=tags)

    def metrics(self, metrics: Mapping[str, Any], step: int = 0) -> None:
        """Log one value of each metric."""
        self.curves({name: [value] for name, value in metrics.items()}, step)

    def curves(self, curves: Mapping[str, Sequence[Any]], start: int = 0) -> None:
        """Log the values of metrics: the first at the step ``start``, each other at the next."""
        with self.failures.attempt("metrics"):
            time = now()
            values = [
                metric(_key(name), value, time, step)
                for name, curve in curves.items()
                for step, value in enumerate(curve, start)
            ]
            self.run.client.log_batch(self.run.info.run_id, metrics=values)

    def text(self, text: str, file: str) -> None:
        """Store a text as a file of the run."""
        with self.failures.attempt(file):
            self.run.client.log_text(self.run.info.run_id, text, file)

    def example(self, data: Any, rows_of: Callable[[Any, int], Any] = first_rows) -> Any:
        """A copy of the first rows of ``data``, or None where there are none or they cannot be an example."""
        if not self.options.log_models:
            return None
        with self.failures.attempt("the example"):
            rows = deepcopy(rows_of(data, _EXAMPLE_ROWS))
            Example.of(rows).serving_json()
            return rows
        return None

    def model(self, model: Any, example: Any, name: str = "model") -> None:
        """Log the model, with its example and the signature that goes with that, as far as these are wanted."""
        if not self.options.log_models:
            return
        with self.failures.attempt(f"the {name}"):
            flavor, options = plugins.get(self.flavor), self.options
            signature: ModelSignature | bool | None = None  # to be inferred from the example
            if not options.log_model_signatures:
                signature = False
            elif not options.log_input_examples and example is not None:
                signature = infer_signature(example, flavor.predictor(model, {}, {})(example, None))
            kept = example if options.log_input_examples else None
            flavor.log_model(model, name=name, input_example=kept, signature=signature)


def _key(name: str) -> str:
    """A name as the key of a param or metric: ``ndcg@5`` becomes ``ndcg_at_5``, as people know it from MLflow."""
    return re.sub(r"[^\w.\- :/]", "_", str(name).replace("@", "_at_"))[:_LONGEST_KEY]
