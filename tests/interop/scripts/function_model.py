"""Functions as models: with an example, and with type hints."""

import mlflow.pyfunc
import numpy as np
from mlflow.models import get_model_info


def shout(model_input: list[str]) -> list[str]:
    return [text.upper() for text in model_input]


def norm(model_input):
    return np.linalg.norm(model_input, axis=1)


mlflow.pyfunc.save_model("shout", python_model=shout, input_example=["a"], pip_requirements=[])
mlflow.pyfunc.save_model("norm", python_model=norm, input_example=np.eye(2), pip_requirements=["numpy"])

print(mlflow.pyfunc.load_model("shout").predict(["hello", "you"]))
print(mlflow.pyfunc.load_model("norm").predict(np.array([[3.0, 4.0], [6.0, 8.0]])))
for name in ("shout", "norm"):
    info = get_model_info(name)
    print(name, info.signature.to_dict(), sorted(info.flavors))
