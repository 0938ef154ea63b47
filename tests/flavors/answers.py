"""What the answers of models have in common: whether two are equal, and the rows of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd


def assert_equal(got: Any, wanted: Any) -> None:
    """Labels, texts and whole numbers are the same; floats differ by a millionth of themselves at most."""
    if isinstance(wanted, Mapping):
        assert isinstance(got, Mapping)
        assert list(got) == list(wanted)
        for name in wanted:
            assert_equal(got[name], wanted[name])
    elif isinstance(wanted, pd.DataFrame):
        pd.testing.assert_frame_equal(got, wanted, rtol=1e-6)
    else:
        ours, theirs = np.asarray(got), np.asarray(wanted)
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        if ours.dtype.kind in "fc":
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)
        elif ours.dtype == object and theirs.size and not isinstance(theirs.flat[0], str):
            for mine, other in zip(ours.flat, theirs.flat, strict=True):
                assert_equal(mine, other)
        else:
            np.testing.assert_array_equal(ours, theirs)


def rows_of(data: Any, rows: Iterable[int]) -> Any:
    """Some rows of a frame or an array."""
    return data.iloc[list(rows)] if isinstance(data, (pd.DataFrame, pd.Series)) else data[list(rows)]
