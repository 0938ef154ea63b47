"""Save and load learners of fastai: ``save_model(model, path)``, ``log_model(model, name)``, ``load_model(uri)``.

MLflow, which has no such flavor, reads their packages by ``_load_pyfunc``.
"""

from mlpack.pyfunc import load_for_mlflow
from mlpack_flavors.fastai import flavor

__all__ = ["load_model", "log_model", "save_model"]

save_model, log_model, load_model = flavor.save_model, flavor.log_model, flavor.load_model
_load_pyfunc = load_for_mlflow
