"""What is special about PyTorch: the form that is chosen, sizes, modes and devices."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import mlpack.pyfunc
import mlpack.pytorch
from mlpack.errors import InvalidArgument, InvalidPackage
from mlpack_flavors import pytorch_files
from mlpack_flavors.torch_device import VARIABLE, device_of

ROWS = np.linspace(-1, 1, 15, dtype="f4").reshape(5, 3)


class Branching(torch.nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Goes one of two ways, which no graph can follow."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(3, 2)

    def forward(self, rows: torch.Tensor, scale: float = 1.0) -> torch.Tensor:
        answer: torch.Tensor = self.linear(rows) * scale
        return answer if rows.sum() > 0 else -answer


@pytest.mark.parametrize("example", [ROWS[:1], torch.from_numpy(ROWS), pd.DataFrame(ROWS, columns=list("abc"))])
def test_a_module_with_an_example_is_exported_for_any_number_of_rows(example: Any, tmp_path: Path) -> None:
    linear = torch.nn.Linear(3, 2)
    mlpack.pytorch.save_model(linear, tmp_path / "model", input_example=example)
    assert [file.name for file in (tmp_path / "model" / "data").iterdir()] == ["model.pt2"]
    model = mlpack.pyfunc.load_model(tmp_path / "model")
    for count in (1, 2, 5):
        rows = pd.DataFrame(ROWS, columns=list("abc")) if isinstance(example, pd.DataFrame) else ROWS
        wanted = linear(torch.from_numpy(ROWS[:count])).detach().numpy()
        np.testing.assert_allclose(model.predict(rows[:count]), wanted, rtol=1e-6)


def test_tensors_are_predicted_as_arrays(tmp_path: Path) -> None:
    rows = torch.from_numpy(ROWS).requires_grad_()
    mlpack.pytorch.save_model(torch.nn.Linear(3, 2), tmp_path / "model", input_example=rows)
    model = mlpack.pyfunc.load_model(tmp_path / "model")
    assert np.array_equal(model.predict(rows), model.predict(ROWS))


def test_a_module_that_cannot_be_traced_is_pickled(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Branching cannot be exported: .*; it is written as a pickle"):
        mlpack.pytorch.save_model(Branching(), tmp_path / "model", input_example=ROWS)
    assert (tmp_path / "model" / "data" / "model.pth").exists()
    assert "cloudpickle==" in (tmp_path / "model" / "requirements.txt").read_text()
    with pytest.raises(InvalidArgument, match="cannot be exported"):
        mlpack.pytorch.save_model(Branching(), tmp_path / "other", input_example=ROWS, serialization_format="pt2")


def test_params_are_arguments_of_the_module(tmp_path: Path) -> None:
    options: dict[str, Any] = {"input_example": (ROWS, {"scale": 1.0}), "serialization_format": "pickle"}
    mlpack.pytorch.save_model(Branching(), tmp_path / "model", **options)
    model = mlpack.pyfunc.load_model(tmp_path / "model")
    assert np.array_equal(model.predict(ROWS, {"scale": 2.0}), 2 * model.predict(ROWS))


def test_a_module_in_training_is_saved_as_it_predicts_and_left_in_training(tmp_path: Path) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Dropout(0.5))
    module[0].eval()
    mlpack.pytorch.save_model(module, tmp_path / "model", input_example=ROWS)
    assert [part.training for part in module.modules()] == [True, False, True]
    wanted = module.eval()(torch.from_numpy(ROWS)).detach().numpy()
    np.testing.assert_allclose(mlpack.pyfunc.load_model(tmp_path / "model").predict(ROWS), wanted, rtol=1e-6)


def test_a_module_that_was_saved_on_a_gpu_is_read_without_one(tmp_path: Path) -> None:
    linear = torch.nn.Linear(3, 2)
    mlpack.pytorch.save_model(linear, tmp_path / "model", serialization_format="pickle", input_example=ROWS)
    _move_to_gpu(tmp_path / "model" / "data" / "model.pth")
    _without_digests(tmp_path / "model" / "MLmodel")
    wanted = linear(torch.from_numpy(ROWS)).detach().numpy()
    np.testing.assert_allclose(mlpack.pyfunc.load_model(tmp_path / "model").predict(ROWS), wanted, rtol=1e-6)
    assert mlpack.pytorch.load_model(tmp_path / "model").weight.device.type == "cpu"


def test_an_exported_program_goes_to_another_device(tmp_path: Path) -> None:
    mlpack.pytorch.save_model(torch.nn.Linear(3, 2), tmp_path / "model", input_example=ROWS)
    program = pytorch_files.read(torch, tmp_path / "model" / "data")
    module = pytorch_files.on_device(torch, program, "meta")
    assert {weight.device.type for weight in module.parameters()} == {"meta"}


def test_the_configuration_names_the_device_then_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = "cuda" if torch.cuda.is_available() else "cpu"
    assert device_of(torch, {"device": None}) == usual
    monkeypatch.setenv(VARIABLE, "-1")
    assert device_of(torch, {}) == "cpu"
    assert device_of(torch, {"device": "cuda:1"}) == "cuda:1"
    assert device_of(torch, {"device": 0}) == "cuda:0"


def test_an_unknown_device_is_told_when_the_model_is_loaded(tmp_path: Path) -> None:
    mlpack.pytorch.save_model(torch.nn.Linear(3, 2), tmp_path / "model", input_example=ROWS)
    with pytest.raises(InvalidPackage, match="device"):
        mlpack.pyfunc.load_model(tmp_path / "model", model_config={"device": "abacus"})


@pytest.mark.parametrize("options", [{"serialization_format": "onnx"}, {"serialization_format": "pt2"}])
def test_a_format_that_cannot_be_is_refused(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"serialization_format|input_example"):
        mlpack.pytorch.save_model(torch.nn.Linear(3, 2), tmp_path / "model", **options)


def test_weights_alone_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="not a module") as caught:
        mlpack.pytorch.save_model(torch.nn.Linear(3, 2).state_dict(), tmp_path / "model")
    assert "module that the weights belong to" in caught.value.tip


def _move_to_gpu(path: Path) -> None:
    """Have an archive of PyTorch say that its tensors were on a GPU."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content.replace(b"\x03\x00\x00\x00cpu", b"\x06\x00\x00\x00cuda:0"))


def _without_digests(manifest: Path) -> None:
    text = manifest.read_text()
    start, end = text.index("mlpack:\n"), text.index("model_id:")
    manifest.write_text(text[:start] + text[end:])
