"""Save and load Sentence Transformers: ``save_model(model, path)``, ``log_model(model, name)``, ``load_model(uri)``."""

from mlpack_flavors.sentence_transformers import flavor

__all__ = ["load_model", "log_model", "save_model"]

save_model, log_model, load_model = flavor.save_model, flavor.log_model, flavor.load_model
