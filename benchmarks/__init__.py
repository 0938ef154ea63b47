"""Side-by-side measurements against real MLflow: ``python -m benchmarks``, from the root of the checkout.

Both libraries do the same work in the same run, by turns, so that a busy machine slows both; what counts is the ratio.
Times are CPU seconds where a wall clock would measure the neighbours.
"""
