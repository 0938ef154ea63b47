"""The MLmodel file: every dialect is read, unknown keys are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mlpack.errors import InvalidPackage, PackageNotFound
from mlpack.manifest import Model

OLD = """\
artifact_path: model
flavors:
  python_function:
    data: model.pkl
    env: conda.yaml
    loader_module: mlflow.sklearn
    python_version: 3.6.9
  sklearn: {pickled_model: model.pkl, serialization_format: cloudpickle, sklearn_version: 0.22}
run_id: 3d4f2a0b6c7e4c9a8f3b1a2d5e6f7a8b
utc_time_created: '2020-05-12 09:31:07.123456'
"""


def test_a_manifest_of_mlflow_1_is_read() -> None:
    model = Model.from_dict(yaml.safe_load(OLD))
    assert model.pyfunc is not None
    assert model.pyfunc["env"] == "conda.yaml"
    assert (model.artifact_path, model.signature, model.model_id) == ("model", None, None)


def test_unknown_keys_survive_a_round_trip(tmp_path: Path) -> None:
    document = yaml.safe_load(OLD) | {"prompts": None, "from_the_future": {"a": [1, 2]}, "env_vars": ["OPENAI_API_KEY"]}
    document["flavors"]["sklearn"]["new_key"] = "kept"
    Model.from_dict(document).save(tmp_path / "MLmodel")
    again = yaml.safe_load((tmp_path / "MLmodel").read_text())
    assert again == document | {"model_id": None}


def test_a_manifest_is_found_in_its_folder_or_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text(OLD)
    assert Model.load(tmp_path) == Model.load(tmp_path / "MLmodel")


def test_a_missing_manifest_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(PackageNotFound) as caught:
        Model.load(tmp_path / "MLmodel")
    assert "folder that holds the MLmodel file" in caught.value.tip


@pytest.mark.parametrize(
    "document", [None, [], "text", {"flavors": []}, {"flavors": {}, "run_id": []}, {"flavors": {"a": 1}}]
)
def test_a_key_that_holds_what_it_cannot_is_named(document: object) -> None:
    with pytest.raises(InvalidPackage, match="MLmodel: "):
        Model.from_dict(document)
