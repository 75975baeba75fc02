"""Means over trials with 95 % bootstrap intervals."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection

import numpy as np
from scipy.stats import bootstrap

CONFIDENCE = 0.95
RESAMPLES = 9999


@dataclasses.dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean over trials, the bounds of its interval, and the number of trials.

    With a single trial the bounds are infinite.
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
