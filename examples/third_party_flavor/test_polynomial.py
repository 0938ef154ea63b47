"""Run it where the package is installed: ``pip install . && pytest``."""

import json
import subprocess
import sys
from urllib.request import Request, urlopen

import numpy as np
from numpy.polynomial import Polynomial

import mlpack


def test_it_is_saved_loaded_and_served_as_any_other(tmp_path):
    x = np.linspace(0, 4, 20)
    model = Polynomial.fit(x, 2 * x**2 - 1, deg=2)
    mlpack.polynomial.save_model(model, tmp_path / "model", input_example=x[:3])
    assert mlpack.polynomial.load_model(tmp_path / "model") == model
    assert np.array_equal(mlpack.pyfunc.load_model(tmp_path / "model").predict(x), model(x))
    assert "mlpack-polynomial==1.0" in (tmp_path / "model" / "requirements.txt").read_text()
    command = [sys.executable, "-m", "mlpack", "models", "serve", "-m", tmp_path / "model", "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            address = next(word for line in server.stderr for word in line.split() if word.startswith("http://"))
            body = json.dumps({"inputs": [0.0, 1.0, 3.0]}).encode()
            asked = Request(f"{address}/invocations", body, {"Content-Type": "application/json"})
            with urlopen(asked, timeout=60) as response:
                assert np.allclose(json.load(response)["predictions"], [-1.0, 1.0, 17.0])
        finally:
            server.terminate()
