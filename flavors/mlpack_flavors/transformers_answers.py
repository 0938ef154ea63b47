"""What pipelines of transformers are given and what is answered: MLflow's shapes, for the tasks that predict on text.

Data are rows, of a DataFrame or of a list; answers are a text for each row, or a frame. Source: MLflow 3.17,
``mlflow.transformers``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mlpack.errors import SchemaMismatch
from mlpack_flavors.transformers_inputs import decoded, one_or_all, prompts, rows, texts

#: ``(pipeline, data, options, template) -> answer``; the options are those of the call, the template that of prompts.
Answerer = Callable[[Any, Any, dict[str, Any], str], Any]


def answerer_of(pipeline: Any) -> Answerer | None:
    """The function that predicts with a pipeline, or None where no data of a signature are what it takes."""
    names = (kind.__name__ for kind in type(pipeline).__mro__)
    return next((_ANSWERERS[name] for name in names if name in _ANSWERERS), None)


def _generate(pipeline: Any, data: Any, options: dict[str, Any], template: str) -> list[str]:
    collapse = options.pop("collapse_whitespace", False)
    options.pop("include_prompt", None)  # for pipelines that are code of a package
    answers = [each["generated_text"] for row in pipeline(prompts(data, template), **options) for each in row]
    return [re.sub(r"\s+", " ", text).strip() if collapse else text.strip() for text in answers]


def _fill(pipeline: Any, data: Any, options: dict[str, Any], template: str) -> Any:
    """The best token of each text, or of each gap of a text that has several."""
    answers = pipeline(prompts(data, template), **options)
    if isinstance(answers[0], dict):
        answers = [answers]
    return [_best(each) if isinstance(each[0], dict) else [_best(gap) for gap in each] for each in answers]


def _best(tokens: list[dict[str, Any]]) -> str:
    best: str = tokens[0]["token_str"]
    return best.strip()


def _tag(pipeline: Any, data: Any, options: dict[str, Any], template: str) -> list[str]:
    """The tags of each text, with commas between."""
    answers = pipeline(texts(data), **options)
    return [",".join(tag.get("entity_group") or tag["entity"] for tag in each) for each in answers]


def _classify(pipeline: Any, data: Any, options: dict[str, Any], template: str) -> Any:
    import pandas as pd

    given = rows(data)
    pairs = all(isinstance(row, Mapping) and set(row) <= {"text", "text_pair"} for row in given)
    return pd.DataFrame(pipeline(given if pairs else texts(data), **options))


def _classify_by_names(pipeline: Any, data: Any, options: dict[str, Any], template: str) -> Any:
    """Each text with each label, the best first; labels are a list, or its JSON, the same for all texts."""
    import pandas as pd

    given = data.to_dict(orient="list") if hasattr(data, "iloc") else dict(data)
    if "candidate_labels" not in given:
        raise SchemaMismatch("candidate_labels", expected="labels", got="no column of this name")
    given = {name: one_or_all(value) if isinstance(value, list) else value for name, value in given.items()}
    given["candidate_labels"] = decoded(given["candidate_labels"])
    answers = pipeline(**given, **options)
    answers = [answers] if isinstance(answers, dict) else answers
    scored = [
        (each["sequence"], *pair) for each in answers for pair in zip(each["labels"], each["scores"], strict=True)
    ]
    return pd.DataFrame(scored, columns=["sequence", "labels", "scores"])


def _embed(pipeline: Any, data: Any, options: dict[str, Any], template: str) -> Any:
    """The vectors of the tokens of one text."""
    given = prompts(data, template)
    if len(given) != 1:
        raise SchemaMismatch(None, expected="one text, whose tokens are answered", got=f"{len(given)} texts")
    return np.array(pipeline(given, **options)[0][0])


def _ask_table(pipeline: Any, data: Any, options: dict[str, Any], template: str) -> list[str]:
    """The answer to each question about a table, which is a map of columns or its JSON."""
    asked = [{"query": str(row["query"]), "table": decoded(row["table"])} for row in rows(data)]
    return [pipeline(each, **options)["answer"].strip() for each in asked]


_ANSWERERS: dict[str, Answerer] = {
    "FeatureExtractionPipeline": _embed,
    "FillMaskPipeline": _fill,
    "TableQuestionAnsweringPipeline": _ask_table,
    "TextClassificationPipeline": _classify,
    "TextGenerationPipeline": _generate,
    "TokenClassificationPipeline": _tag,
    "ZeroShotClassificationPipeline": _classify_by_names,
}
