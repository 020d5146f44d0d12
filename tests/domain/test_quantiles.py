import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.domain.quantiles import quantile

MEASUREMENTS = st.lists(st.floats(min_value=0, max_value=1e6), min_size=1)
SHARES = st.floats(min_value=0, max_value=1)


@given(values=MEASUREMENTS, share=SHARES)
def test_a_quantile_is_one_of_the_measurements(values: list[float], share: float) -> None:
    """The nearest rank is a measurement that was made, never an interpolation between two."""
    assert quantile(values, share) in values


@given(values=MEASUREMENTS, shares=st.tuples(SHARES, SHARES))
def test_quantiles_grow_with_their_share(values: list[float], shares: tuple[float, float]) -> None:
    """The p95 is never below the p50."""
    low, high = (quantile(values, share) for share in sorted(shares))
    assert low is not None
    assert high is not None
    assert low <= high


@given(values=MEASUREMENTS)
def test_the_ends_are_the_extremes(values: list[float]) -> None:
    """The share 0 is the smallest measurement, the share 1 the largest."""
    assert quantile(values, 0) == min(values)
    assert quantile(values, 1) == max(values)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 5.0), (0.95, 10.0), (0.9, 9.0)], ids=["median", "p95 of ten", "p90 of ten"]
)
def test_nearest_rank(share: float, expected: float) -> None:
    """Of ten measurements the median is the fifth, the p95 the last."""
    assert quantile([10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0], share) == expected


def test_nothing_has_no_quantile() -> None:
    """Without measurements there is none, not 0."""
    assert quantile([], 0.5) is None
