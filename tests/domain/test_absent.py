import pytest

from prober.domain.absent import count_delta, delta, either, mean, ratio, scaled, share, total, worst


@pytest.mark.parametrize(
    ("first", "last", "grown"),
    [(1, 4, 3), (2, 2, 0), (None, 4, None), (1, None, None), (4, 1, None)],
    ids=["grew", "stood still", "no beginning", "no end", "begun anew"],
)
def test_a_delta_says_only_what_both_ends_say(first: int | None, last: int | None, grown: int | None) -> None:
    """A counter with an absent end, or one that fell because it was begun anew, has no growth, not a growth of 0."""
    assert count_delta(first, last) == grown
    assert delta(first, last) == grown


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(1.0, 4.0, 0.25), (None, 4.0, None), (1.0, None, None), (1.0, 0.0, None), (1.0, -1.0, None)],
    ids=["there", "no part", "no whole", "of nothing", "of less than nothing"],
)
def test_a_ratio_of_nothing_is_absent(part: float | None, whole: float | None, expected: float | None) -> None:
    """What nothing can be divided by is absent, never 0 or infinite."""
    assert ratio(part, whole) == expected
    assert share(part, whole) == expected


def test_a_share_is_never_more_than_the_whole() -> None:
    """Frames that were received before the window and dropped in it do not make more than all of them."""
    assert share(5, 3) == 1.0


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [(1.0, 2.0, 3.0), (None, 2.0, None), (1.0, None, None)],
    ids=["both", "no left", "no right"],
)
def test_a_total_needs_both(left: float | None, right: float | None, expected: float | None) -> None:
    """A sum with an absent part is absent."""
    assert total(left, right) == expected


def test_scaling_leaves_the_absent_absent() -> None:
    """A factor does not make a value."""
    assert scaled(2.0, 8.0) == 16.0
    assert scaled(None, 8.0) is None


def test_reductions_pass_over_the_absent() -> None:
    """The worst, the mean, or any of several is that of those that are there."""
    assert worst([None, 2.0, 1.0]) == 2.0
    assert worst([None]) is None
    assert mean([1.0, None, 3.0]) == 2.0
    assert mean([None]) is None
    assert either([None, False, True]) is True
    assert either([None, False]) is False
    assert either([None]) is None
