"""Quantiles of a few measurements."""

import math
from collections.abc import Sequence


def quantile(values: Sequence[float], share: float) -> float | None:
    """Returns the nearest-rank quantile, or `None` of nothing.

    Args:
        values: The measurements, in any order and unit.
        share: Between 0 and 1; 0.5 is the median.
    """
    if not values:
        return None
    rank = max(1, math.ceil(share * len(values)))
    return sorted(values)[rank - 1]
