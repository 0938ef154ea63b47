"""mlpack packages a trained model of any framework and serves it over HTTP, in MLflow's own package format."""

from __future__ import annotations

__version__ = "0.1.0"
