"""Models of H2O, in H2O's binary format, which only the same version of H2O reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.trust import inside
from mlpack.yamlio import dump_yaml, load_yaml
from mlpack_flavors.h2o_frames import predict
from mlpack_flavors.h2o_server import check_settings, connect

_FOLDER, _SETTINGS = "model.h2o", "h2o.yaml"
#: Whose rows were shown to be predicted alone as together, to the bit.
_ROW_WISE = {"deeplearning", "drf", "gbm", "glm"}


class H2OFlavor(Flavor[Any]):
    """Trained models of H2O; loading one starts a server of H2O, unless this process is connected to one.

    Data and answers go to the server and back as text: on two busy cores a request took 50 to 300 ms, of one row or of
    a thousand (boosted trees, H2O 3.46), so requests that wait are joined. Each worker has a server of its own.
    """

    name = "h2o"
    distribution = "h2o"
    extra = "h2o"
    modules = ("h2o", "pandas")
    version_key = "h2o_version"
    loader_module = "mlflow.h2o"
    row_wise = True
    model_argument = "h2o_model"

    def write(self, model: Any, folder: Path, *, settings: Mapping[str, Any] | None = None) -> Written:
        """Write ``model.h2o``.

        ``settings`` may have under ``init`` what H2O is started with when the model is loaded: ``max_mem_size``, as
        "4g" (1 GB unless given), and ``nthreads``. Raises InvalidArgument for others, and for what is no model of H2O.
        """
        h2o = self.framework()
        if not isinstance(model, self.framework("h2o.model").ModelBase) or model.model_id is None:
            tip = "of an H2OAutoML save the leader"
            raise InvalidArgument(f"a {type(model).__name__} is not a trained model of H2O", tip=tip)
        check_settings(settings or {})
        (folder / _FOLDER).mkdir()
        file = Path(h2o.download_model(model, path=str(folder / _FOLDER)))
        (folder / _FOLDER / _SETTINGS).write_text(dump_yaml({**(settings or {}), "model_file": file.name}), "utf-8")
        return Written.to(_FOLDER)

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Upload the model to the server."""
        data = self.data(folder, section, _FOLDER)
        settings = load_yaml(inside(data, _SETTINGS, key="h2o.data"))
        file = inside(data, settings.get("model_file"), key=f"{_SETTINGS}: model_file")
        h2o = self.framework()
        connect(h2o, settings.get("init") or {})
        return h2o.upload_model(str(file))

    def predictor(self, model: Any, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Answer a frame: ``predict``, and for a classifier the probability of each class."""
        h2o = self.framework()
        return lambda data, params: predict(h2o, model, data)

    def is_row_wise(self, model: Any) -> bool:
        """Those of the algorithms that this was tested with."""
        return model.algo in _ROW_WISE


flavor = H2OFlavor()
