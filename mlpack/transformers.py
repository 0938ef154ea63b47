"""Save and load pipelines of transformers: ``save_model(model, path)``, ``log_model(...)``, ``load_model(uri)``."""

from mlpack_flavors.transformers import flavor

__all__ = ["load_model", "log_model", "save_model"]

save_model, log_model, load_model = flavor.save_model, flavor.log_model, flavor.load_model
