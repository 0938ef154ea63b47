"""What is special to Spark: classes that files name, vectors, and a session that is started."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from pyspark.ml import Pipeline, PipelineModel, Transformer
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import RFormula, SQLTransformer, VectorAssembler

import mlpack.pyfunc
import mlpack.spark
from mlpack.errors import InvalidArgument, InvalidPackage, UnsafePackage
from mlpack.models import get_model_info
from mlpack.schema import Schema
from tests.flavors.cases.spark import SESSION

_ROWS = pd.DataFrame({"a": [0.0, 1.0, 4.0, 5.0], "b": [1.0, 0.0, 1.0, 0.0], "label": [0.0, 0.0, 1.0, 1.0]})
_INPUTS = _ROWS[["a", "b"]]
_SCRIPT = """
import sys
import mlpack.pyfunc
model = mlpack.pyfunc.load_model(sys.argv[1])
from pyspark.sql import SparkSession
session = SparkSession.getActiveSession()
print(session._jvm.java.lang.ProcessHandle.current().pid(), *model.predict(model.input_example), flush=True)
"""


class Mine(Transformer):  # type: ignore[misc]  # where mypy runs there is no PySpark
    """A stage of somebody's own."""

    def _transform(self, dataset: object) -> object:
        return dataset


@pytest.fixture(scope="module")
def assembler() -> VectorAssembler:
    return VectorAssembler(inputCols=["a", "b"], outputCol="features")


@pytest.fixture(scope="module")
def saved(assembler: VectorAssembler, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline that answers probabilities."""
    path = tmp_path_factory.mktemp("spark") / "model"
    last = LogisticRegression(maxIter=3, predictionCol="", probabilityCol="prediction")
    fitted = Pipeline(stages=[assembler, last]).fit(SESSION.createDataFrame(_ROWS))
    mlpack.spark.save_model(fitted, path, input_example=_INPUTS)
    return path


def test_vectors_are_lists_and_mlflow_gives_the_same(saved: Path) -> None:
    import mlflow.pyfunc

    ours = mlpack.pyfunc.load_model(saved).predict(_INPUTS)
    assert [type(each[0]) for each in ours] == [float] * 4
    assert ours == [list(each) for each in mlflow.pyfunc.load_model(str(saved)).predict(_INPUTS)]
    signature = get_model_info(saved).signature
    assert signature is not None
    assert signature.outputs == Schema.from_json('[{"type": "sparkml_vector", "required": true}]')


def test_a_transformer_alone_takes_lists_as_vectors(saved: Path, tmp_path: Path) -> None:
    last = mlpack.spark.load_model(saved).stages[-1]
    mlpack.spark.save_model(last, tmp_path / "model")
    assert isinstance(mlpack.spark.load_model(tmp_path / "model"), PipelineModel)
    lists = pd.DataFrame({"features": _INPUTS.to_numpy().tolist()})
    model = mlpack.pyfunc.load_model(tmp_path / "model")
    assert model.predict(lists) == mlpack.pyfunc.load_model(saved).predict(_INPUTS)


def test_stages_that_spark_makes_for_a_formula_are_known(tmp_path: Path) -> None:
    fitted = Pipeline(stages=[RFormula(formula="label ~ a + b"), LogisticRegression(maxIter=3)])
    mlpack.spark.save_model(fitted.fit(SESSION.createDataFrame(_ROWS)), tmp_path / "model")
    assert mlpack.pyfunc.load_model(tmp_path / "model").predict(_INPUTS) == [0.0, 0.0, 1.0, 1.0]


def test_rows_are_not_joined_where_a_stage_takes_sql(tmp_path: Path) -> None:
    stage = SQLTransformer(statement="SELECT *, a - avg(a) OVER () AS prediction FROM __THIS__")
    mlpack.spark.save_model(PipelineModel([stage]), tmp_path / "model")
    assert not mlpack.pyfunc.load_model(tmp_path / "model").row_wise


def test_what_pyspark_could_not_read_back_is_refused(assembler: VectorAssembler, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="cannot read a Mine back"):
        mlpack.spark.save_model(PipelineModel([assembler, Mine()]), tmp_path / "model")
    with pytest.raises(InvalidArgument, match="no fitted model"):
        mlpack.spark.save_model(LogisticRegression(), tmp_path / "model")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("org.apache.spark.ml.feature.VectorAssembler", "java.lang.Runtime"),
        ("org.apache.spark.ml.feature.VectorAssembler", "os.VectorAssembler"),
        ("org.apache.spark.ml.feature.VectorAssembler", "pyspark.ml.feature.JavaWrapper"),
        ('"class":"org', '"class":"java.lang.Runtime","class":"org'),
        ('"class":"org', '"cl\\u0061ss":"java.lang.Runtime","class":"org'),
        ('"stageUids":["', '"stageUids":["../../'),
    ],
)
def test_classes_that_pyspark_does_not_have_are_refused(saved: Path, tmp_path: Path, old: str, new: str) -> None:
    package = tmp_path / "model"
    subprocess.run(["cp", "-r", saved, package], check=True)
    files = [file for file in package.rglob("metadata/part-*") if old in file.read_text()]
    files[0].write_text(files[0].read_text().replace(old, new))
    without_digests(package)
    with pytest.raises(UnsafePackage, match=r"PySpark has no class|outside the model"):
        mlpack.spark.load_model(package)


def test_a_folder_without_a_model_is_refused(saved: Path, tmp_path: Path) -> None:
    package = tmp_path / "model"
    subprocess.run(["cp", "-r", saved, package], check=True)
    subprocess.run(["rm", "-r", package / "sparkml"], check=True)
    (package / "sparkml").mkdir()
    without_digests(package)
    with pytest.raises(InvalidPackage, match="sparkml holds no model of Spark"):
        mlpack.spark.load_model(package)


def without_digests(package: Path) -> None:
    manifest = package / "MLmodel"
    lines = manifest.read_text().splitlines()
    start = lines.index("mlpack:")
    end = next(number for number in range(start + 1, len(lines)) if not lines[number].startswith(" "))
    manifest.write_text("\n".join(lines[:start] + lines[end:]) + "\n")


def test_a_session_of_its_own_prints_nothing_and_ends_with_the_process(saved: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", _SCRIPT, os.fspath(saved)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    pid, *_ = ran.stdout.split()
    assert ran.stdout.count("\n") == 1
    for _ in range(100):
        if not Path("/proc", pid).exists():
            return
        time.sleep(0.1)
    pytest.fail(f"the Java process {pid} is left")
