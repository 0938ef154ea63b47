"""Servers of models under load, side by side: ``python -m benchmarks.load``, from the root of the checkout.

All serve the very same file of each model. Their answers are compared before anything is measured; then ``wrk`` drives
them by turns, so that a busy machine slows all of them.
"""
