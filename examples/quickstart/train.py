"""Train a classifier on the iris data and package it: ``python train.py iris-model``."""

from __future__ import annotations

import sys
from pathlib import Path

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import mlpack.sklearn


def train_and_save(path: str | Path) -> None:
    iris = load_iris(as_frame=True)
    species = iris.target_names[iris.target]
    model = LogisticRegression(max_iter=1000).fit(iris.data, species)
    mlpack.sklearn.save_model(model, path, input_example=iris.data.head(3))


if __name__ == "__main__":
    train_and_save(sys.argv[1])
