"""Data for models of H2O, and their answers: H2O takes text and answers text, and guesses types from the rows it sees.

The guesses would differ for one row and for many, so what the model knows decides instead.
"""

from __future__ import annotations

import io
from collections import defaultdict
from typing import Any


def predict(h2o: Any, model: Any, data: Any) -> Any:
    """What the model answers for a frame of pandas, with its index; nothing of either stays in the server."""
    import pandas as pd

    output = model._model_json["output"]
    frame = h2o.H2OFrame(data, column_types=_column_types(output, data))
    try:
        answer = model.predict(frame)
        text = answer.get_frame_data()
        h2o.remove(answer)
    finally:
        h2o.remove(frame)
    kinds = defaultdict(lambda: "float64", predict=_kind_of_labels(output))
    table = pd.read_csv(io.StringIO(text), dtype=kinds, skip_blank_lines=False)
    return table.set_index(data.index)


def _column_types(output: Any, data: Any) -> dict[str, str]:
    """The types of the columns that came, as the model knows them; H2O turns numbers into categories by itself."""
    known = dict(zip(output["names"], output["column_types"], strict=True))
    came = {name: data[name].dtype.kind in "iuf" for name in data if name in known}
    return {name: known[name].lower() for name, number in came.items() if not (number and known[name] == "Enum")}


def _kind_of_labels(output: Any) -> Any:
    """The type of the column ``predict``: of labels the one that pandas gives them, when it reads them all."""
    import pandas as pd

    if output["model_category"] in {"Binomial", "Multinomial", "Ordinal"}:
        labels = pd.Series(output["domains"][-1]).to_csv(index=False)
        return pd.read_csv(io.StringIO(labels)).dtypes.iloc[0]
    return "int64" if output["model_category"] == "Clustering" else "float64"
