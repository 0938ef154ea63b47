"""The flavor ``polynomial``: polynomials of NumPy, as JSON."""

import json

import numpy as np
from numpy.polynomial import Polynomial

from mlpack.errors import InvalidArgument
from mlpack.flavor import Flavor, Written


class PolynomialFlavor(Flavor[Polynomial]):
    """Polynomials of one variable, fitted by NumPy."""

    name = "polynomial"
    distribution = "mlpack-polynomial"
    modules = ("mlpack_polynomial", "numpy")
    model_argument = "polynomial"
    row_wise = True

    def write(self, model, folder):
        """Write ``polynomial.json``."""
        if not isinstance(model, Polynomial):
            raise InvalidArgument(f"a {type(model).__name__} is not a numpy.polynomial.Polynomial")
        parts = {"coef": model.coef.tolist(), "domain": model.domain.tolist(), "window": model.window.tolist()}
        (folder / "polynomial.json").write_text(json.dumps(parts))
        return Written.to("polynomial.json")

    def read(self, folder, section, config):
        """Read the polynomial."""
        return Polynomial(**json.loads(self.data(folder, section).read_text()))

    def predictor(self, model, section, config):
        """Evaluate it at each number."""
        return lambda data, params: model(np.asarray(data, float).ravel())


flavor = PolynomialFlavor()
