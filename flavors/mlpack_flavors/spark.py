"""Models of Spark ML, in Spark's own files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument
from mlpack.flavor import Flavor, Predictor, Written
from mlpack.trust import inside
from mlpack_flavors.spark_files import check_classes
from mlpack_flavors.spark_frames import predict, stages_of, vector_columns
from mlpack_flavors.spark_session import open_session

_FILES = "sparkml"
#: Stages that compute over all rows, or may change their order.
_OVER_ROWS = {"SQLTransformer", "ALSModel"}


class SparkFlavor(Flavor[Any]):
    """Fitted pipelines and transformers of PySpark, which come back as a PipelineModel, as in MLflow.

    The files hold no code but the SQL of an SQLTransformer, which Spark runs and which may call Java.

    Spark is made for many rows: on two busy cores a request of one row took 180 ms, and one of a thousand rows 215 ms
    (a scaled logistic regression, PySpark 4.2), so requests that wait are joined. Each worker has a Java of its own.
    """

    name = "spark"
    distribution = "pyspark"
    extra = "spark"
    modules = ("pyspark", "numpy", "pandas", "pyarrow")
    version_key = "pyspark_version"
    loader_module = "mlflow.spark"
    row_wise = True
    model_argument = "spark_model"

    def write(self, model: Any, folder: Path) -> Written:
        """Write ``sparkml``; raises InvalidArgument for what is no fitted model made of PySpark's own stages."""
        ml, util = self.framework("pyspark.ml"), self.framework("pyspark.ml.util")
        if not isinstance(model, ml.Transformer):
            tip = "fit() of a Pipeline returns one"
            raise InvalidArgument(f"a {type(model).__name__} is no fitted model of Spark ML", tip=tip)
        for stage in stages_of(model):
            if not type(stage).__module__.startswith("pyspark.ml.") or not isinstance(stage, util.MLWritable):
                tip = "a class of your own goes into a PythonModel (mlpack.pyfunc.save_model)"
                raise InvalidArgument(f"PySpark cannot read a {type(stage).__name__} back", tip=tip)
        pipeline = model if isinstance(model, ml.PipelineModel) else ml.PipelineModel([model])
        pipeline.save(f"file://{folder / _FILES}")
        called = f"{type(pipeline).__module__}.{type(pipeline).__qualname__}"
        return Written({"model_data": _FILES, "model_class": called}, {"data": _FILES})

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the model in the active session, or in a local one of this process."""
        path = inside(folder, section.get("model_data", _FILES), key="spark.model_data")
        self.framework("pyarrow")
        check_classes(path, self.framework)
        open_session(self.framework)
        return self.framework("pyspark.ml").PipelineModel.load(f"file://{path.absolute()}")

    def predictor(self, model: Any, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """Answer a list: the column ``prediction``, or what the last stage makes where there is none."""
        session, vectors = open_session(self.framework), vector_columns(model)
        to_vector = self.framework("pyspark.ml.functions").array_to_vector
        return lambda data, params: predict(session, model, data, vectors, to_vector)

    def is_row_wise(self, model: Any) -> bool:
        """All are, but those with a stage that joins or takes SQL."""
        return not any(type(stage).__name__ in _OVER_ROWS for stage in stages_of(model))


flavor = SparkFlavor()
