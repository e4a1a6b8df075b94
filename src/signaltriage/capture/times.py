"""Times as tools write them → seconds since the epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from signaltriage.errors import InputError


def to_seconds(values: Sequence[object]) -> NDArray[np.float64]:
    """Seconds since 1970-01-01 UTC, shape (n,).

    Takes datetimes, ISO 8601 and other texts pandas can read (without an offset: UTC), and numbers (seconds, or
    milliseconds where they are too large for that). What is missing or unreadable counts as older than the rest, so
    that it is never held out as new.

    Raises:
        InputError: fewer than half of the values can be read: the column holds no times.
    """
    seconds = seconds_or_nan(values)
    readable = np.isfinite(seconds)
    if readable.sum() * 2 < len(seconds):
        example = next((str(v) for v, ok in zip(values, readable, strict=True) if not ok), "")
        raise InputError(
            f"Only {int(readable.sum())} of {len(seconds)} times can be read; one that cannot: {example!r}.",
            remedy="Name a column of times such as 2026-03-02T09:30:00+01:00, or leave --time out.",
        )
    return np.where(readable, seconds, seconds[readable].min())


def seconds_or_nan(values: Sequence[object]) -> NDArray[np.float64]:
    """The same, with NaN where a value is missing or cannot be read."""
    import pandas as pd

    texts = pd.Series(list(values), dtype="object")
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64)
    numbers = np.where(numbers > 1e11, numbers / 1000, numbers)
    moments = pd.to_datetime(texts.where(np.isnan(numbers)), utc=True, errors="coerce", format="mixed")
    seconds = (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy(dtype=np.float64)
    return np.where(np.isnan(numbers), seconds, numbers)
