"""A pipeline of columns, one of text, trees on a category, and a feature alone."""

from typing import Any

import numpy as np
import pandas as pd
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import HashingTF, StandardScaler, StringIndexer, Tokenizer, VectorAssembler
from pyspark.ml.regression import RandomForestRegressor
from pyspark.sql import SparkSession
from sklearn.datasets import load_iris

from tests.flavors.cases import Case

#: Stages can be made only where there is one.
SESSION = (
    SparkSession.builder.master("local[1]")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.memory", "512m")
    .config("spark.sql.shuffle.partitions", "1")
    .config("spark.ui.enabled", "false")
    .getOrCreate()
)
#: MLflow starts a Java for each model to find out what it needs, unless told.
_THEIRS = {"pip_requirements": ["pyspark"]}


def columns() -> Case:
    """The class of flowers, from columns that are scaled."""
    stages = [*_features(), LogisticRegression(maxIter=5)]
    return _fitted(stages, _flowers())


def texts() -> Case:
    """Whether a text is about Spark."""
    rows = pd.DataFrame({"text": ["spark is fast", "java is old", "spark ml", "no idea", "of course", "spark"]})
    rows["label"] = rows["text"].str.contains("spark").astype(float)
    stages = [Tokenizer(inputCol="text", outputCol="words"), HashingTF(inputCol="words", outputCol="features")]
    return _fitted([*stages, LogisticRegression(maxIter=5)], rows)


def forest() -> Case:
    """A number, from trees and a category."""
    rows = _flowers().assign(color=np.where(np.arange(150) % 3, "blue", "red"))
    stages = [StringIndexer(inputCol="color", outputCol="index")]
    stages.append(VectorAssembler(inputCols=["a", "b", "index"], outputCol="features"))
    return _fitted([*stages, RandomForestRegressor(numTrees=3, seed=1)], rows)


def feature() -> Case:
    """The number of a text, under the name that the stage gives it."""
    rows = pd.DataFrame({"color": ["red", "blue", "red", "green"], "label": 0.0})
    return _fitted([StringIndexer(inputCol="color", outputCol="index")], rows)


def _features() -> list[Any]:
    assembler = VectorAssembler(inputCols=["a", "b", "c", "d"], outputCol="assembled")
    return [assembler, StandardScaler(inputCol="assembled", outputCol="features")]


def _flowers() -> pd.DataFrame:
    data, target = load_iris(return_X_y=True)
    return pd.DataFrame(data, columns=["a", "b", "c", "d"]).assign(label=target.astype(float))


def _fitted(stages: list[Any], rows: pd.DataFrame) -> Case:
    def predict(native: Any, given: pd.DataFrame) -> Any:
        answer = native.transform(SESSION.createDataFrame(given))
        name = "prediction" if "prediction" in answer.columns else native.stages[-1].getOutputCol()
        return [row[0] for row in answer.select(name).collect()]

    model = Pipeline(stages=stages).fit(SESSION.createDataFrame(rows))
    return Case(model, rows.drop(columns="label").iloc[:: max(1, len(rows) // 9)], predict, theirs=_THEIRS)


CASES = {"columns": columns, "texts": texts, "forest": forest, "feature": feature}
