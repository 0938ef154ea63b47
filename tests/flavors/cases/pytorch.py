"""A small network in each of the forms that PyTorch has: traced, scripted, pickled; on a frame, arrays and tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_iris

from tests.flavors.cases import Case


def exported() -> Case:
    """Written as a graph: what is read back is another class."""
    return Case(_network(), _flowers(), _ask, options={"serialization_format": "pt2"}, read_as="GraphModule")


def pickled() -> Case:
    """Written whole, on a frame, whose numbers become 32-bit floats."""
    data, _ = load_iris(return_X_y=True, as_frame=True)
    return Case(_network(), data.iloc[::17], _ask, options={"serialization_format": "pickle"})


def scripted() -> Case:
    """TorchScript, on whole numbers."""
    tokens = np.arange(12, dtype="i8").reshape(3, 4) % 7
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Embedding(7, 5), torch.nn.Flatten(), torch.nn.Linear(20, 2))
    return Case(torch.jit.script(network), tokens, _ask, options={"serialization_format": "pickle"})


def _network() -> torch.nn.Module:
    torch.manual_seed(0)
    layers = [torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 3)]
    network = torch.nn.Sequential(*layers)
    network(torch.randn(16, 4))  # which the normalization learns from
    return network.eval()


def _flowers() -> np.ndarray[Any, Any]:
    data, _ = load_iris(return_X_y=True)
    rows: np.ndarray[Any, Any] = data[::17].astype("f4")
    return rows


def _ask(native: torch.nn.Module, data: Any) -> Any:
    with torch.no_grad():
        if not isinstance(data, pd.DataFrame):
            return native(torch.from_numpy(data)).numpy()
        return pd.DataFrame(native(torch.tensor(data.to_numpy("f4"))).numpy(), index=data.index)


CASES = {"exported": exported, "pickled": pickled, "scripted": scripted}
