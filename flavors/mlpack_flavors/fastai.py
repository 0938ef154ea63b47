"""fastai learners, which have no format but their pickle."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import cloudpickle

from mlpack.errors import InvalidArgument
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.requirements import modules_in_pickle
from mlpack.unpickling import unpickle


class FastaiFlavor(Flavor[Any]):
    """Learners, trained to answer with one tensor.

    Not row-wise: the last bits of floats depend on how many rows are computed together. MLflow has no such flavor since
    its version 3, and reads these packages with mlpack.
    """

    name = "fastai"
    distribution = "fastai"
    extra = "fastai"
    modules = ("fastai",)
    version_key = "fastai_version"
    model_argument = "fastai_learner"

    def write(self, model: Any, folder: Path) -> Written:
        """Write ``model.fastai``: the learner without its data.

        Raises InvalidArgument for what is no learner, and for one that cannot be pickled.
        """
        if not isinstance(model, self.framework("fastai.learner").Learner):
            raise InvalidArgument(f"a {type(model).__name__} is not a learner of fastai")
        path = folder / "model.fastai"
        data, optimizer = model.dls, model.opt
        try:
            model.export(path.absolute(), pickle_module=cloudpickle)
        except Exception as error:  # whatever a part of it raises that cannot be pickled
            model.dls, model.opt = data, optimizer  # which were taken out of it
            raise InvalidArgument(f"this learner cannot be pickled: {type(error).__name__}: {error}") from error
        return Written.to(path.name, modules=modules_in_pickle(path))

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the learner onto the CPU."""
        load_learner = self.framework("fastai.learner").load_learner
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "load_learner", UserWarning)  # says that this is a pickle
            return unpickle(self.data(folder, section, "model.fastai"), load_learner)

    def predictor(self, model: Any, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """For each row of a DataFrame an array: what ``get_preds`` answers.

        A learner keeps what it is computing in itself, so that it answers one caller at a time.
        """
        import pandas as pd

        lock = Lock()

        def predict(data: Any, params: dict[str, Any] | None) -> Any:
            with lock, model.no_bar():
                answers, _ = model.get_preds(dl=model.dls.test_dl(data))
            return pd.DataFrame({"predictions": list(answers.numpy())})

        return predict


flavor = FastaiFlavor()
