"""What can be asked of a pipeline of spaCy, and what its folder may name."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import spacy

import mlpack.pyfunc
import mlpack.spacy
from mlpack.errors import InvalidPackage, SchemaMismatch, UnknownFlavor
from tests.flavors.cases.spacy import one_of_two


def test_a_pipeline_without_categories_can_only_be_loaded(tmp_path: Path) -> None:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    mlpack.spacy.save_model(pipeline, tmp_path / "model")
    assert len([*mlpack.spacy.load_model(tmp_path / "model")("One. Two.").sents]) == 2
    with pytest.raises(UnknownFlavor):
        mlpack.pyfunc.load_model(tmp_path / "model")


@pytest.mark.parametrize("data", [pd.DataFrame({"a": ["x"], "b": ["y"]}), ["x"], pd.DataFrame(index=[0])])
def test_texts_come_in_one_column(data: object, tmp_path: Path) -> None:
    mlpack.spacy.save_model(one_of_two().model, tmp_path / "model")
    with pytest.raises(SchemaMismatch, match="one column"):
        mlpack.pyfunc.load_model(tmp_path / "model").predict(data)


def test_answers_have_the_index_of_the_texts(tmp_path: Path) -> None:
    mlpack.spacy.save_model(one_of_two().model, tmp_path / "model")
    answer = mlpack.pyfunc.load_model(tmp_path / "model").predict(pd.DataFrame({"text": ["Good", "Bad"]}, index=[5, 7]))
    assert list(answer.index) == [5, 7]
    assert [{*scores} for scores in answer["predictions"]] == [{"good", "bad"}] * 2


def test_a_function_that_nobody_registered_is_not_found(tmp_path: Path) -> None:
    mlpack.spacy.save_model(one_of_two().model, tmp_path / "model")
    config = tmp_path / "model" / "model.spacy" / "config.cfg"
    config.write_text(config.read_text().replace("spacy.TextCatEnsemble.v2", "os.system"))
    manifest = tmp_path / "model" / "MLmodel"
    manifest.write_text(manifest.read_text().partition("mlpack:")[0])
    with pytest.raises(InvalidPackage, match=r"os\.system"):
        mlpack.spacy.load_model(tmp_path / "model")
