"""Save and load scikit-learn models: ``save_model(model, path)``, ``load_model(uri)``."""

from mlpack_flavors.sklearn import flavor

__all__ = ["load_model", "save_model"]

save_model, load_model = flavor.save_model, flavor.load_model
