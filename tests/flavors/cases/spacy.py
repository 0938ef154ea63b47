"""Pipelines trained on a handful of sentences: one category of two, and any of three."""

from typing import Any

import pandas as pd
import spacy
from spacy.training import Example
from spacy.util import fix_random_seed

from tests.flavors.cases import Case

_TEXTS = pd.DataFrame({"text": ["The soup was warm and good.", "A cold room.", "", "Good wine, und schöne Musik 🎻"]})


def one_of_two() -> Case:
    """Good or bad."""
    said = {"The soup was good.": "good", "Good and warm.": "good", "The room was cold.": "bad", "Cold and bad.": "bad"}
    labelled = {text: {name: float(name == label) for name in ("good", "bad")} for text, label in said.items()}
    return _case("textcat", labelled)


def any_of_three() -> Case:
    """Food, lodging and music, each or none."""
    said = {"Good soup": "food", "A room with a piano": "lodging music", "Wine and songs": "food music", "Rain": ""}
    labelled = {
        text: {name: float(name in labels.split()) for name in ("food", "lodging", "music")}
        for text, labels in said.items()
    }
    return _case("textcat_multilabel", labelled)


def _case(factory: str, labelled: dict[str, dict[str, float]]) -> Case:
    fix_random_seed(0)
    pipeline = spacy.blank("en")
    pipeline.add_pipe(factory)
    examples = [Example.from_dict(pipeline.make_doc(text), {"cats": cats}) for text, cats in labelled.items()]
    optimizer = pipeline.initialize(lambda: examples)
    for _ in range(10):
        pipeline.update(examples, sgd=optimizer)
    return Case(pipeline, _TEXTS, _categories)


def _categories(native: Any, rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"predictions": [native(text).cats for text in rows["text"]]}, index=rows.index)


CASES = {"one_of_two": one_of_two, "any_of_three": any_of_three}
