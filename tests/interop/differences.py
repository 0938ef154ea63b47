"""Where mlpack differs from MLflow on purpose: every difference that the comparison allows is a rule of this module.

The rules are those of docs/mlflow.md. A rule turns what MLflow answered into what mlpack has to answer; everything that
no rule speaks of has to be equal.
"""

from __future__ import annotations
