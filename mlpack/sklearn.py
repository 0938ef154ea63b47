"""Save and load scikit-learn models: ``save_model(model, path)``, ``log_model(model, name)``, ``load_model(uri)``."""

from mlpack_flavors.autolog.sklearn import autolog
from mlpack_flavors.sklearn import flavor

__all__ = ["autolog", "load_model", "log_model", "save_model"]

save_model, log_model, load_model = flavor.save_model, flavor.log_model, flavor.load_model
