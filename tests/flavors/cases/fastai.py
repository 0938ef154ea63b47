"""Tabular learners: a class of three, and a number."""

from typing import Any

import pandas as pd
from fastai.tabular.all import (
    Categorify,
    CategoryBlock,
    FillMissing,
    Normalize,
    RegressionBlock,
    TabularDataLoaders,
    set_seed,
    tabular_learner,
)
from sklearn.datasets import load_diabetes, load_iris

from tests.flavors.cases import Case


def classifier() -> Case:
    """The name of a flower, by its measures and by where it grew."""
    data = load_iris(as_frame=True)
    frame = data.data.assign(kind=data.target_names[data.target], place=["hill", "shore", "wood"] * 50)
    return _case(frame, "kind", CategoryBlock(), places=["place"])


def regressor() -> Case:
    """The course of diabetes."""
    return _case(load_diabetes(as_frame=True).frame.astype("f4"), "target", RegressionBlock(), places=[])


def _case(frame: pd.DataFrame, answer: str, block: Any, places: list[str]) -> Case:
    set_seed(0, reproducible=True)
    columns = frame.drop(columns=answer)
    data = TabularDataLoaders.from_df(
        frame,
        procs=[Categorify, FillMissing, Normalize],
        cat_names=places,
        cont_names=[name for name in columns if name not in places],
        y_names=answer,
        y_block=block,
        bs=50,
    )
    learner = tabular_learner(data, layers=[8])
    with learner.no_bar(), learner.no_logging():
        learner.fit(1)
    return Case(learner, columns.iloc[::40], answers)


def answers(native: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """What a learner answers, an array for each row."""
    with native.no_bar():
        found, _ = native.get_preds(dl=native.dls.test_dl(rows))
    return pd.DataFrame({"predictions": list(found.numpy())})


CASES = {"classifier": classifier, "regressor": regressor}
