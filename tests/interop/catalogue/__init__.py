"""Models, inputs and HTTP questions that real MLflow and mlpack are both put before.

This package runs in MLflow's environment (``python -m catalogue``) as well as in the one of the tests, so it imports
neither library: whoever builds or loads a model passes it in. Every model is saved by each library with the same lines.
"""
