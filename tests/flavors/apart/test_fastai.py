"""Learners of fastai: packages of older MLflow, and what a learner keeps in itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import pytest

import mlpack.fastai
import mlpack.pyfunc
from mlpack.errors import InvalidArgument
from tests.flavors.answers import assert_equal
from tests.flavors.cases.fastai import answers, classifier


def test_a_package_of_older_mlflow_is_read(tmp_path: Path) -> None:
    case = classifier()
    mlpack.fastai.save_model(case.model, tmp_path / "model")
    manifest = tmp_path / "model" / "MLmodel"
    text = manifest.read_text()
    assert "loader_module: mlpack.fastai" in text
    manifest.write_text(text.replace("mlpack.fastai", "mlflow.fastai").partition("mlpack:")[0])
    assert_equal(mlpack.pyfunc.load_model(tmp_path / "model").predict(case.data), answers(case.model, case.data))


def test_a_learner_can_be_trained_on_after_it_was_saved(tmp_path: Path) -> None:
    learner = classifier().model
    mlpack.fastai.save_model(learner, tmp_path / "model")
    with learner.no_bar(), learner.no_logging():
        learner.fit(1)


def test_a_learner_that_cannot_be_pickled_keeps_its_data(tmp_path: Path) -> None:
    learner = classifier().model
    learner.model.lock, data = Lock(), learner.dls
    with pytest.raises(InvalidArgument, match="this learner cannot be pickled"):
        mlpack.fastai.save_model(learner, tmp_path / "model")
    assert learner.dls is data
    assert not (tmp_path / "model").exists()


def test_several_callers_are_answered_as_each_alone(tmp_path: Path) -> None:
    case = classifier()
    mlpack.fastai.save_model(case.model, tmp_path / "model")
    predict = mlpack.pyfunc.load_model(tmp_path / "model").predict
    rows = [case.data.iloc[[row]] for row in range(len(case.data))] * 8
    with ThreadPoolExecutor(8) as pool:
        for answer, row in zip(pool.map(predict, rows), rows, strict=True):
            assert_equal(answer, answers(case.model, row))
