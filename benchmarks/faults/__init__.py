"""Faults done to real servers, and what clients lose by them: ``python -m benchmarks.faults [NAME ...]``.

Each module here has faults of one topic. A fault is a function that does its fault and gives figures, each with the bar
that it must not exceed; :func:`benchmarks.faults.rows.fault` registers it under its name.
"""
