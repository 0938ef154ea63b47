"""Save and load models of Keras 3: ``save_model(model, path)``, ``log_model(model, name)``, ``load_model(uri)``."""

from mlpack_flavors.autolog.keras import autolog
from mlpack_flavors.keras import flavor

__all__ = ["autolog", "load_model", "log_model", "save_model"]

save_model, log_model, load_model = flavor.save_model, flavor.log_model, flavor.load_model
