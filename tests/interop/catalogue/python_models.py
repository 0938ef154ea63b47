"""Cases of the python_function flavor: every way to write a model in plain Python."""

# Annotations stay real objects here: type hints of `predict` are what some of these cases are about.
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from .cases import case

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PINS = ["cloudpickle"]


def points() -> list[Any]:
    """Two numeric columns."""
    frame = pd.DataFrame({"x": [1.0, 2.5], "n": [3, 4]})
    return [frame, {"x": np.array([1.0]), "n": np.array([2])}, frame.to_dict("records")]


def signature_of_points(lib: Any) -> Any:
    """x is a double, n a long, and a number comes out."""
    return lib.models.infer_signature(points()[0], np.array([1.0]))


@case(points, params={"scale": 3.0, "labels": ["p", "q"]}, bodies={"wrong_param": {"params": {"scale": "three"}}})
def model_with_artifacts_config_and_params(lib: Any, path: Path) -> None:
    """Everything a PythonModel may be given beside its data."""

    class Scaled(lib.pyfunc.PythonModel):  # type: ignore[misc]  # the base is either library's
        def load_context(self, context: Any) -> None:
            self.weights = json.loads(Path(context.artifacts["weights"]).read_text())

        def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> Any:
            given = params or {}
            score = self.weights["x"] * model_input["x"] + self.weights["n"] * model_input["n"]
            return pd.DataFrame(
                {"score": score * given.get("scale", 1.0) + context.model_config["offset"], "label": given["labels"][0]}
            )

    signature = lib.models.infer_signature(points()[0], params={"scale": 2.0, "labels": ["a", "b"]})
    with TemporaryDirectory() as folder:
        weights = Path(folder, "weights.json")
        weights.write_text(json.dumps({"x": 2.0, "n": 0.5}))
        lib.pyfunc.save_model(
            path,
            python_model=Scaled(),
            artifacts={"weights": str(weights)},
            model_config={"offset": 10},
            signature=signature,
            pip_requirements=PINS,
        )


@case(points)
def model_with_a_module_in_code_paths(lib: Any, path: Path) -> None:
    """The model calls a module that travels in the package."""

    class Priced(lib.pyfunc.PythonModel):  # type: ignore[misc]
        def predict(self, context: Any, model_input: pd.DataFrame) -> Any:
            from pricing.tariff import price  # type: ignore[import-not-found]  # it is in the package

            return price(model_input["x"], model_input["n"])

    lib.pyfunc.save_model(
        path,
        python_model=Priced(),
        code_paths=[str(ASSETS / "pricing")],
        signature=signature_of_points(lib),
        pip_requirements=PINS,
    )


@case(points, by=("mlflow",))
def model_whose_class_is_in_code_paths(lib: Any, path: Path) -> None:
    """The class itself, which subclasses MLflow's, travels in a module and is pickled by its name."""
    import sys

    sys.path.insert(0, str(ASSETS))
    from polite import Polite  # type: ignore[import-not-found]  # found on the path just above

    lib.pyfunc.save_model(
        path,
        python_model=Polite("dear"),
        code_paths=[str(ASSETS / "polite.py")],
        signature=signature_of_points(lib),
        pip_requirements=PINS,
    )
    sys.path.remove(str(ASSETS))


@case(points, params={"bonus": 5})
def model_without_context(lib: Any, path: Path) -> None:
    """``predict(self, model_input, params)`` has no context."""

    class Sum(lib.pyfunc.PythonModel):  # type: ignore[misc]
        def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> Any:
            return (model_input.sum(axis=1) + (params or {}).get("bonus", 0)).tolist()

    signature = lib.models.infer_signature(points()[0], [1.0], params={"bonus": 1})
    lib.pyfunc.save_model(
        path, python_model=Sum(), signature=signature, input_example=points()[0], pip_requirements=PINS
    )


@case(lambda: [["a", "bc"], ["longer text"]])
def model_that_streams(lib: Any, path: Path) -> None:
    """``predict_stream`` yields piece after piece."""

    class Letters(lib.pyfunc.PythonModel):  # type: ignore[misc]
        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return list(self.predict_stream(context, model_input))

        def predict_stream(self, context: Any, model_input: Any, params: Any = None) -> Any:
            for text in np.asarray(model_input).ravel().tolist():
                yield from text

    lib.pyfunc.save_model(path, python_model=Letters(), pip_requirements=PINS)


@case(lambda: [["a", "bc"], [], pd.DataFrame({"text": ["d"]})], bodies={"number": {"inputs": [1]}})
def model_hinted_with_strings(lib: Any, path: Path) -> None:
    """``list[str]`` is the signature, and it is checked."""

    class Lengths(lib.pyfunc.PythonModel):  # type: ignore[misc]
        def predict(self, model_input: list[str]) -> list[int]:
            return [len(text) for text in model_input]

    lib.pyfunc.save_model(path, python_model=Lengths(), pip_requirements=PINS)


@case(
    lambda: [[{"a": 1.0, "b": 2.0}], [{"a": 1.5}, {"z": 2.5}]],
    bodies={"word": {"inputs": [{"a": "one"}]}, "list": {"inputs": [[1.0]]}},
)
def model_hinted_with_maps(lib: Any, path: Path) -> None:
    """``list[dict[str, float]]``: each element a map of numbers."""

    class Totals(lib.pyfunc.PythonModel):  # type: ignore[misc]
        def predict(self, model_input: list[dict[str, float]]) -> list[float]:
            return [sum(one.values()) for one in model_input]

    lib.pyfunc.save_model(path, python_model=Totals(), pip_requirements=PINS)


def guests() -> Any:
    """A pydantic model, made where the library that saves it is not seen: such a class keeps what is around it."""
    import pydantic

    class Guest(pydantic.BaseModel):
        name: str
        visits: int
        tags: list[str] | None = None

    return Guest


@case(
    lambda: [[{"name": "a", "visits": 3}], [{"name": "b", "visits": 1, "tags": ["x"]}], [{"name": "c"}]],
    bodies={
        "right": {"inputs": [{"name": "a", "visits": 3, "tags": ["x", "y"]}]},
        "missing": {"inputs": [{"name": "a"}]},
        "extra": {"inputs": [{"name": "a", "visits": 3, "more": 1}]},
        "wrong": {"inputs": [{"name": "a", "visits": "many"}]},
        "one alone": {"inputs": {"name": "a", "visits": 3}},
        "as records": {"dataframe_records": [{"name": "a", "visits": 3}]},
    },
)
def model_hinted_with_a_pydantic_model(lib: Any, path: Path) -> None:
    """``list[Guest]``: dictionaries come in, instances reach the model."""
    Guest = guests()

    class Greeter(lib.pyfunc.PythonModel):  # type: ignore[misc]
        def predict(self, model_input: list[Guest]) -> list[str]:  # type: ignore[valid-type]
            return [str(guest) for guest in model_input]

    lib.pyfunc.save_model(path, python_model=Greeter(), pip_requirements=["cloudpickle", "pydantic"])


@case(points)
def plain_function(lib: Any, path: Path) -> None:
    """A function is a model."""

    def area(model_input):  # type: ignore[no-untyped-def]  # no hints is the case
        return model_input["x"] * model_input["n"]

    lib.pyfunc.save_model(path, python_model=area, input_example=points()[0], pip_requirements=PINS)


@case(lambda: [[1, 2, 3]], bodies={"fraction": {"inputs": [1.5]}, "word": {"inputs": ["a"]}})
def plain_function_with_hints(lib: Any, path: Path) -> None:
    """A function whose hints are its signature."""

    def double(model_input: list[int]) -> list[int]:
        return [2 * number for number in model_input]

    lib.pyfunc.save_model(path, python_model=double, pip_requirements=PINS)


@case(points)
def model_from_a_code_file(lib: Any, path: Path) -> None:
    """The code travels as a file that says ``import mlflow`` and ``set_model``."""
    lib.pyfunc.save_model(
        path,
        python_model=str(ASSETS / "code_model.py"),
        model_config={"power": 2, "name": "saved"},
        signature=signature_of_points(lib),
        pip_requirements=PINS,
    )


@case(points)
def model_from_a_loader_module(lib: Any, path: Path) -> None:
    """Somebody's own format: a module that loads a folder of data."""
    lib.pyfunc.save_model(
        path,
        loader_module="linear_loader",
        data_path=str(ASSETS / "linear_data"),
        code_paths=[str(ASSETS / "linear_loader.py")],
        signature=signature_of_points(lib),
        pip_requirements=PINS,
    )


@case(points)
def model_in_a_compressed_pickle(lib: Any, path: Path) -> None:
    """MLflow compresses ``python_model.pkl`` when a variable says so; mlpack writes it plain."""

    class Constant(lib.pyfunc.PythonModel):  # type: ignore[misc]
        def predict(self, context: Any, model_input: Any) -> Any:
            return np.full(len(model_input), 7, dtype="int16")

    os.environ["MLFLOW_LOG_MODEL_COMPRESSION"] = "lzma"
    try:
        lib.pyfunc.save_model(path, python_model=Constant(), signature=signature_of_points(lib), pip_requirements=PINS)
    finally:
        del os.environ["MLFLOW_LOG_MODEL_COMPRESSION"]


@case(
    lambda: [{"messages": [{"role": "user", "content": "hi"}]}],
    bodies={
        "chat": {"messages": [{"role": "user", "content": "hi"}], "temperature": 0.5},
        "prompt": {"prompt": "hi"},
        "input": {"input": "hi", "inputs": [1]},
        "ordinary": {"inputs": {"said": ["hi"]}},
        "messages and params": {"messages": [], "params": {"a": 1}},
    },
)
def model_for_chat_requests(lib: Any, path: Path) -> None:
    """A body with ``messages``, ``prompt`` or ``input`` goes to the model whole, and its answer comes bare."""

    class Echo(lib.pyfunc.PythonModel):  # type: ignore[misc]
        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return {"kind": type(model_input).__name__, "said": model_input, "params": params}

    lib.pyfunc.save_model(path, python_model=Echo(), pip_requirements=PINS)
