"""Means over trials with 95 % bootstrap intervals."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

CONFIDENCE = 0.95
RESAMPLES = 9999


@dataclasses.dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean over trials, the bounds of its interval, and the number of trials.

    With a single trial, or too few to tell, the bounds are infinite.
    """

    mean: float
    low: float
    high: float
    trials: int

    @property
    def side(self) -> int:
        """1 if the interval lies wholly above zero, −1 if wholly below, else 0."""
        return int(self.low > 0) - int(self.high < 0)

    def above(self, other: Interval) -> bool:
        """Return True if this interval lies wholly above the other."""
        return self.low > other.high

    def __str__(self) -> str:
        if math.isinf(self.low):
            return f"{self.mean:.3f}"
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def interval(values: Collection[float], *, seed: int = 0) -> Interval | None:
    """Return the mean of one value per trial, bounded by percentiles of resamples (Efron 1979).

    The same values give the same interval.  Returns None for no values.
    """
    if not values:
        return None
    sample = np.array(list(values), dtype=np.float64)
    mean = float(sample.mean())
    if len(sample) == 1:
        return Interval(mean=mean, low=-math.inf, high=math.inf, trials=1)
    bounds = bootstrap(
        (sample,),
        np.mean,
        n_resamples=RESAMPLES,
        vectorized=True,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(mean=mean, low=float(bounds.low), high=float(bounds.high), trials=len(sample))


def ratio(above: Collection[float], below: Collection[float], *, seed: int = 0) -> Interval | None:
    """Return the mean of one value per trial over that of another, likewise bounded.

    Trials are resampled with both of their values.  Returns None if a mean may be zero.
    """
    values = np.array(list(above)), np.array(list(below))
    if len(values[0]) < 2 or not values[1].mean():
        return None

    def of_means(a: NDArray[np.float64], b: NDArray[np.float64], axis: int) -> Any:
        # A resample may hold only trials without anything below.
        with np.errstate(divide="ignore", invalid="ignore"):
            return a.mean(axis) / b.mean(axis)

    bounds = bootstrap(
        values,
        of_means,
        n_resamples=RESAMPLES,
        vectorized=True,
        paired=True,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    low, high = float(bounds.low), float(bounds.high)
    if math.isnan(low) or math.isnan(high):  # too few trials show anything to divide by
        low, high = -math.inf, math.inf
    mean = float(of_means(*values, axis=0))
    return Interval(mean=mean, low=low, high=high, trials=len(values[0]))
