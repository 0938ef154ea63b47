"""Which names of MLflow have a stand-in here: those that pickles refer to, and those that code of packages imports."""

from __future__ import annotations

from mlpack import plugins

_SCHEMA = "ColSpec DataType ParamSchema ParamSpec Schema TensorSpec"
_NESTED = "AnyType Array Map Object Property SparkMLVector"
_NOT_TRACED = "autolog get_current_active_span start_span trace update_current_trace"
_NOT_TRACKED = "set_experiment set_registry_uri set_tracking_uri"

#: Libraries whose calls code files have MLflow trace.
_TRACED_LIBRARIES = (
    *("anthropic", "autogen", "bedrock", "crewai", "dspy", "gemini", "groq", "haystack", "langchain", "litellm"),
    *("llama_index", "mistral", "openai", "pydantic_ai", "semantic_kernel", "smolagents"),
)
_FLAVORS = tuple(name for name in plugins.BUILT_IN if name != "python_function")

#: MLflow's module, the module here that has the stand-ins, and their names: ``theirs=ours`` where they differ.
_ROWS = (
    ("mlflow.pyfunc.model", "mlpack.python_model", "PythonModel PythonModelContext _FunctionPythonModel=FunctionModel"),
    ("mlflow.pyfunc.utils.data_validation", "mlpack.predict_functions", "pyfunc"),
    ("mlflow.pyfunc.utils.data_validation", "mlpack.standins.pickled", "FuncInfo _validate_model_input"),
    ("mlflow.pyfunc.utils", "mlpack.predict_functions", "pyfunc"),
    ("mlflow.pyfunc", "mlpack.pyfunc", "PyFuncModel PythonModel PythonModelContext load_model save_model"),
    ("mlflow.models", "mlpack.code_model", "ModelConfig set_model"),
    ("mlflow.models", "mlpack.manifest", "Model"),
    ("mlflow.models", "mlpack.models", "get_model_info"),
    ("mlflow.models", "mlpack.signature", "ModelSignature infer_signature"),
    ("mlflow.models.model", "mlpack.code_model", "set_model"),
    ("mlflow.models.model", "mlpack.manifest", "Model"),
    ("mlflow.models.model_config", "mlpack.code_model", "ModelConfig"),
    ("mlflow.models.signature", "mlpack.signature", "ModelSignature infer_signature"),
    ("mlflow.models.signature", "mlpack.standins.pickled", "_TypeHints"),
    ("mlflow.types", "mlpack.schema", _SCHEMA),
    ("mlflow.types.schema", "mlpack.schema", f"{_SCHEMA} {_NESTED}"),
    ("mlflow.types.type_hints", "mlpack.type_hints", "TypeFromExample"),
    ("mlflow.exceptions", "mlpack.standins.exceptions", "MlflowException"),
    ("mlflow.entities", "mlpack.standins.tracing", "SpanType"),
    ("mlflow", "mlpack.standins.exceptions", "MlflowException"),
    ("mlflow", "mlpack.standins.tracing", f"{_NOT_TRACED} {_NOT_TRACKED}"),
    *((f"mlflow.{name}", "mlpack.standins.tracing", "autolog") for name in (*_TRACED_LIBRARIES, *_FLAVORS)),
    *((f"mlflow.{name}", f"mlpack.{name}", "load_model save_model") for name in _FLAVORS),
)

#: MLflow's module -> name in it -> the module here and the name in that.
STAND_INS: dict[str, dict[str, tuple[str, str]]] = {}
for _theirs, _ours, _names in _ROWS:
    for _name in _names.split():
        STAND_INS.setdefault(_theirs, {})[_name.partition("=")[0]] = (_ours, _name.rpartition("=")[2])

#: What a model that is saved here refers to by MLflow's name: the module and the name here -> MLflow's.
WRITTEN_AS: dict[tuple[str, str], tuple[str, str]] = {
    ours: (module, name)
    for module in ("mlflow.pyfunc.utils.data_validation", "mlflow.pyfunc.model")
    for name, ours in STAND_INS[module].items()
}
