"""Cases whose model tells what it was given, or returns what it was asked for: nothing of either can hide."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .cases import case

PINS = ["cloudpickle"]


def echo(lib: Any) -> Any:
    """A model that answers with dtype, type and text of each value that reaches it, and with its params."""

    class Echo(lib.pyfunc.PythonModel):  # type: ignore[misc]  # the base is either library's
        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            def tell(value: Any) -> Any:
                if hasattr(value, "columns"):
                    return {str(name): [str(value[name].dtype), tell(value[name].tolist())] for name in value.columns}
                if hasattr(value, "dtype") and hasattr(value, "shape") and value.shape != ():
                    return [str(value.dtype), list(value.shape), tell(value.tolist())]
                if isinstance(value, dict):
                    return {str(key): tell(item) for key, item in value.items()}
                if isinstance(value, list | tuple):
                    return [tell(item) for item in value]
                return f"{type(value).__name__} {value!r}" if value == value else f"missing {type(value).__name__}"

            return {"data": tell(model_input), "params": tell(params)}

    return Echo()


def save_echo(lib: Any, path: Path, signature: Any) -> None:
    """Save the echo under that signature."""
    lib.pyfunc.save_model(path, python_model=echo(lib), signature=signature, pip_requirements=PINS)


TYPES = ("boolean", "integer", "long", "float", "double", "string", "binary", "datetime")


def typed_frame() -> pd.DataFrame:
    """Two rows with a column of each type."""
    moments = pd.to_datetime(["2024-01-02T03:04:05", "1999-12-31T00:00:00"])
    return pd.DataFrame(
        {
            "boolean": [True, False],
            "integer": np.array([1, -2], "int32"),
            "long": [2**40, -3],
            "float": np.array([0.1, 2.5], "float32"),
            "double": [0.1, -1e300],
            "string": ["a", "ünï"],
            "binary": pd.Series([b"\x00\xff", b"text"], dtype=object),
            "datetime": moments.astype("datetime64[ns]"),
        }
    )


def columns(lib: Any, *, required: bool = True) -> Any:
    """A signature with a column of each type, called after its type."""
    types = lib.types.schema
    specs = [types.ColSpec(name, name, required=required) for name in TYPES]
    return lib.models.ModelSignature(inputs=types.Schema(specs))


@case(lambda: [typed_frame(), typed_frame()[:1]])
def echo_of_every_type(lib: Any, path: Path) -> None:
    """All required."""
    save_echo(lib, path, columns(lib))


@case(lambda: [typed_frame(), typed_frame()[["long", "string"]]], cells=TYPES)
def echo_of_every_type_optional(lib: Any, path: Path) -> None:
    """All optional."""
    save_echo(lib, path, columns(lib, required=False))


@case(lambda: [typed_frame()[list(TYPES[:6])], [1, 2], {"a": [1, 2]}, "text", np.eye(2), [{"a": 1}, {"b": None}]])
def echo_without_signature(lib: Any, path: Path) -> None:
    """Whatever comes."""
    lib.pyfunc.save_model(path, python_model=echo(lib), pip_requirements=PINS)


def nested() -> list[dict[str, Any]]:
    """Rows with an array, an object, a map, an array of objects and something of any type."""
    return [
        {"tags": ["a", "b"], "point": {"x": 1.5, "y": 2}, "scores": {"p": 1.0}, "items": [{"id": 1}], "any": "one"},
        {"tags": [], "point": {"x": 2.5}, "scores": {}, "items": [{"id": 2, "note": "n"}], "any": "word"},
    ]


BAD_NESTED = {
    f"nested {name}": {"dataframe_records": [{**nested()[0], **change}]}
    for name, change in dict[str, dict[str, Any]](
        {
            "array is a scalar": {"tags": "a"},
            "array of numbers": {"tags": [1]},
            "array with null": {"tags": ["a", None]},
            "array null": {"tags": None},
            "object unknown property": {"point": {"x": 1.5, "z": 1}},
            "object missing property": {"point": {"y": 1}},
            "object wrong property": {"point": {"x": "one"}},
            "object is a list": {"point": [1]},
            "map of words": {"scores": {"p": "one"}},
            "map is a list": {"scores": [1]},
            "array of wrong objects": {"items": [{"id": "x"}]},
            "any null": {"any": None},
            "any object": {"any": {"deep": [1, {"er": None}]}},
        }
    ).items()
}


@case(lambda: [pd.DataFrame(nested()), nested()], bodies=BAD_NESTED)
def echo_of_nested_types(lib: Any, path: Path) -> None:
    """Arrays, objects, maps and any."""
    types = lib.types.schema
    point = types.Object(
        [types.Property("x", types.DataType.double), types.Property("y", types.DataType.long, required=False)]
    )
    item = types.Object(
        [types.Property("id", types.DataType.long), types.Property("note", types.DataType.string, required=False)]
    )
    specs = [
        types.ColSpec(types.Array(types.DataType.string), "tags"),
        types.ColSpec(point, "point"),
        types.ColSpec(types.Map(types.DataType.double), "scores"),
        types.ColSpec(types.Array(item), "items"),
        types.ColSpec(types.AnyType(), "any", required=False),
    ]
    save_echo(lib, path, lib.models.ModelSignature(inputs=types.Schema(specs)))


def image() -> np.ndarray:
    """Two pictures of two by three pixels."""
    return np.arange(12, dtype="float32").reshape(2, 2, 3)


@case(lambda: [image(), image()[:1], image().astype("float64"), image().tolist(), image()[0]])
def echo_of_a_tensor(lib: Any, path: Path) -> None:
    """One unnamed tensor of 32-bit floats."""
    types = lib.types.schema
    spec = types.TensorSpec(np.dtype("float32"), (-1, 2, 3))
    save_echo(lib, path, lib.models.ModelSignature(inputs=types.Schema([spec])))


def named_tensors() -> dict[str, np.ndarray]:
    """A tensor of ids and one of pictures."""
    return {"ids": np.array([[1], [2]]), "images": image()}


TENSOR_BODIES = {
    "named tensors": {"inputs": {name: value.tolist() for name, value in named_tensors().items()}},
    "named tensors as rows": {"instances": [{"ids": [1], "images": image()[0].tolist()}] * 2},
    "named tensors missing one": {"inputs": {"ids": [[1], [2]]}},
    "named tensors extra one": {"inputs": {"ids": [[1]], "images": image()[:1].tolist(), "more": [1]}},
    "named tensors wrong shape": {"inputs": {"ids": [1, 2], "images": image().tolist()}},
    "named tensors fraction": {"inputs": {"ids": [[1.5]], "images": image()[:1].tolist()}},
    "named tensors ragged": {"inputs": {"ids": [[1], [2, 3]], "images": image().tolist()}},
    "named tensors rows of unequal number": {"instances": [{"ids": [1]}, {"images": image()[0].tolist()}]},
}


@case(lambda: [named_tensors(), {"ids": np.array([[1]])}], bodies=TENSOR_BODIES)
def echo_of_named_tensors(lib: Any, path: Path) -> None:
    """Two named tensors."""
    types = lib.types.schema
    specs = [
        types.TensorSpec(np.dtype("int64"), (-1, 1), "ids"),
        types.TensorSpec(np.dtype("float32"), (-1, 2, 3), "images"),
    ]
    save_echo(lib, path, lib.models.ModelSignature(inputs=types.Schema(specs)))


PARAMS = {
    "flag": True,
    "count": 3,
    "ratio": 0.5,
    "word": "w",
    "when": np.datetime64("2024-01-02T03:04:05"),
    "many": [1, 2],
    "words": ["a"],
}

PARAM_BODIES = {
    f"params {name}": {"dataframe_split": {"columns": ["x"], "data": [[1.0]]}, "params": params}
    for name, params in {
        "all": {**PARAMS, "when": "2020-05-06T00:00:00"},
        "int for a ratio": {"ratio": 2},
        "float for a count": {"count": 1.0},
        "fraction for a count": {"count": 1.5},
        "word for a count": {"count": "1"},
        "number for a word": {"word": 1},
        "one for a flag": {"flag": 1},
        "null": {"count": None},
        "unknown": {"colour": "red"},
        "scalar for a list": {"many": 1},
        "list for a scalar": {"count": [1]},
        "mixed list": {"many": [1, "a"]},
        "empty list": {"many": []},
        "date": {"when": "2020-05-06"},
        "no date": {"when": "yesterday"},
        "large": {"count": 2**63},
        "not a map": [1],
        "a word": "scale",
    }.items()
}


@case(lambda: [pd.DataFrame({"x": [1.0]})], params={"count": 9, "ratio": 2}, bodies=PARAM_BODIES)
def echo_of_params(lib: Any, path: Path) -> None:
    """A param of each type, and two lists."""
    save_echo(lib, path, lib.models.infer_signature(pd.DataFrame({"x": [1.0]}), params=PARAMS))


KINDS = (
    *("frame", "frame of odd values", "series", "named series", "column of dates"),
    *("array", "matrix", "ints", "float32", "booleans", "words", "dates", "objects", "empty"),
    *("list", "nested", "dict", "arrays in a dict", "numpy in a list", "scalar", "numpy scalar", "text", "none"),
    *("nan", "infinities", "bytes", "bytes in a frame", "datetime", "date", "timestamp", "timestamps", "uint64", "big"),
    *("categories", "nullable", "indexed frame", "numbered columns", "tuple", "generator", "set", "decimal", "complex"),
    *("value error", "key error", "os error", "type error"),
)


KIND_BODIES = {f"answer {kind}": {"dataframe_records": [{"kind": kind}]} for kind in KINDS}


@case(lambda: [pd.DataFrame({"kind": [kind]}) for kind in KINDS], bodies=KIND_BODIES)
def answers_of_every_kind(lib: Any, path: Path) -> None:
    """The model returns, or raises, what the request names."""

    class Answers(lib.pyfunc.PythonModel):  # type: ignore[misc]
        def predict(self, context: Any, model_input: pd.DataFrame) -> Any:
            import decimal

            import numpy as np
            import pandas as pd

            moment = datetime.datetime(2024, 1, 2, 3, 4, 5, 600)
            frame = pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan], "c": ["x", None]})
            raised = {
                "value error": ValueError("the model minds"),
                "key error": KeyError("colour"),
                "os error": OSError(28, "no space left"),
                "type error": TypeError("not that"),
            }
            answers = {
                "frame": frame,
                "frame of odd values": pd.DataFrame(
                    {"t": pd.Series([pd.Timestamp("2024-01-02"), None]), "o": [[1], {"k": 2.5}]}
                ),
                "series": pd.Series([1.5, 2.5]),
                "named series": pd.Series(["p", "q"], name="letter"),
                "column of dates": pd.Series(pd.date_range("2024-01-01", periods=2)),
                "array": np.array([0.1, 0.2]),
                "matrix": np.eye(2),
                "ints": np.array([1, 2**62]),
                "float32": np.array([0.1, 16777217], "float32"),
                "booleans": np.array([True, False]),
                "words": np.array(["a", "ü"]),
                "dates": np.array(["2024-01-02", "NaT"], "datetime64[ns]"),
                "objects": np.array([1, "a", None], dtype=object),
                "empty": np.array([]),
                "list": [1, 2.5, "three", None, True],
                "nested": {"deep": [{"er": {"x": [1, [2, [3]]]}}]},
                "dict": {"p": 0.5, "q": [1]},
                "arrays in a dict": {"a": np.array([1.5]), "b": np.array([[1, 2]])},
                "numpy in a list": [np.float32(0.1), np.int64(3), np.bool_(True), np.array([1])],
                "scalar": 1.5,
                "numpy scalar": np.float64(2.5),
                "text": 'say "ü"\n',
                "none": None,
                "nan": [float("nan"), 1.0],
                "infinities": np.array([np.inf, -np.inf, np.nan]),
                "bytes": b"\x00\x01" * 40,
                "bytes in a frame": pd.DataFrame({"b": [b"abc", b""]}),
                "datetime": moment,
                "date": [moment.date(), moment.time()],
                "timestamp": pd.Timestamp(moment),
                "timestamps": [np.datetime64("2024-01-02T03:04:05"), pd.NaT],
                "uint64": np.array([2**64 - 1], "uint64"),
                "big": 10**30,
                "categories": pd.Series(["a", "b"], dtype="category"),
                "nullable": pd.DataFrame({"i": pd.array([1, None], dtype="Int64"), "s": pd.array(["a", None])}),
                "indexed frame": pd.DataFrame({"v": [1, 2]}, index=["r", "s"]),
                "numbered columns": pd.DataFrame([[1, 2]]),
                "tuple": (1, 2),
                "generator": (n for n in range(2)),
                "set": {1},
                "decimal": decimal.Decimal("1.5"),
                "complex": 1j,
            }
            kind = model_input["kind"].iloc[0]
            if kind in raised:
                raise raised[kind]
            return answers[kind]

    types = lib.types.schema
    signature = lib.models.ModelSignature(inputs=types.Schema([types.ColSpec("string", "kind")]))
    lib.pyfunc.save_model(path, python_model=Answers(), signature=signature, pip_requirements=PINS)
