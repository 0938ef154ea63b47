"""Models of Prophet, as Prophet's own JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.flavor import Flavor, Written

_FILE = "model.pr"


class ProphetFlavor(Flavor[Any]):
    """Fitted ``Prophet`` objects; they predict for the times in the column ``ds``, and answer a frame.

    Not row-wise: the intervals are drawn at random for all rows together, unless the model was made with
    ``uncertainty_samples=0``, and the answer is in the order of the times.
    """

    name = "prophet"
    distribution = "prophet"
    extra = "prophet"
    modules = ("prophet",)
    version_key = "prophet_version"
    loader_module = "mlflow.prophet"
    forkable = True
    model_argument = "pr_model"

    def write(self, model: Any, folder: Path) -> Written:
        """Write ``model.pr``, which holds no code: the text of Prophet's JSON, once more as JSON, as MLflow has it.

        Raises InvalidArgument for a model that was not fitted, and for what is no model of Prophet.
        """
        if not isinstance(model, self.framework().Prophet):
            raise InvalidArgument(f"a {type(model).__name__} is not a model of Prophet")
        if model.history is None:
            raise InvalidArgument("this model of Prophet has not been fitted", tip="call fit() first")
        text = self.framework("prophet.serialize").model_to_json(model)
        (folder / _FILE).write_text(json.dumps(text), "utf-8")
        return Written.to(_FILE, model_type=type(model).__name__)

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the model; what Stan found is in it, but not Stan's own object."""
        text = json.loads(self.data(folder, section, _FILE).read_text("utf-8"))
        return self.framework("prophet.serialize").model_from_json(text)


flavor = ProphetFlavor()
