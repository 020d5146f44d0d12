"""What stands still in a window: frozen, unchanged or blank."""

from dataclasses import replace

import pytest

from prober.domain.stream import StreamSample
from prober.domain.window import summarise
from tests.domain.test_window import FIRST, LAST


def test_a_freeze_that_lasts_counts() -> None:
    """The browser's counter knows of ended freezes only; the one that lasts is added, pacing is not."""
    frozen = summarise([FIRST, replace(LAST, last_frame_age_s=2.0)], settle_s=0.0, blank_luma=20.0)
    paced = summarise([FIRST, replace(LAST, last_frame_age_s=0.9)], settle_s=0.0, blank_luma=20.0)
    long = summarise([FIRST, replace(LAST, last_frame_age_s=9.0)], settle_s=0.0, blank_luma=20.0)
    assert frozen.freeze_ratio == pytest.approx(0.6)
    assert paced.freeze_ratio == pytest.approx(0.1)
    assert long.freeze_ratio == 1.0


def test_a_freeze_over_five_seconds_counts_too() -> None:
    """Browsers count it as a pause and not as a freeze; a user sees no difference."""
    begin, end = replace(FIRST, pauses_s=0.0), replace(LAST, at_s=10.0, pauses_s=6.0)
    assert summarise([begin, end], settle_s=0.0, blank_luma=20.0).freeze_ratio == pytest.approx(0.64)


def frozen(*samples: tuple[float, float | None, float | None]) -> list[StreamSample]:
    """Returns samples by time, ended freezes so far, and age of the last frame, all in seconds."""
    return [replace(FIRST, at_s=at_s, freezes_s=ended_s, last_frame_age_s=age_s) for at_s, ended_s, age_s in samples]


@pytest.mark.parametrize(
    ("samples", "ratio"),
    [
        (frozen((2.0, 0.0, 2.2), (2.5, 2.5, 0.0), (10.0, 2.5, 0.0)), 0.5 / 8),
        (frozen((2.0, 0.0, 0.0), (4.0, 1.5, 0.0), (10.0, 1.5, 0.0)), 1.5 / 8),
        (frozen((2.0, 0.0, 0.0), (4.0, None, 0.0), (10.0, 1.5, 0.0)), 1.5 / 8),
        (frozen((2.0, 0.0, 5.0), (6.0, 0.0, 9.0), (10.0, 0.0, 13.0)), 1.0),
        (frozen((2.0, 0.0, 0.0), (10.0, 0.0, None)), None),
        (frozen((2.0, 3.0, 0.0), (4.0, 0.0, 0.0), (10.0, 3.5, 0.0)), None),
    ],
    ids=["began before", "inside", "told late", "all of it", "no frame yet", "begun anew"],
)
def test_only_what_was_frozen_inside_the_window_counts(samples: list[StreamSample], ratio: float | None) -> None:
    """A freeze counts as a whole when it ends, and may have begun in the time that is not judged."""
    assert summarise(samples, settle_s=0.0, blank_luma=20.0).freeze_ratio == pytest.approx(ratio)


def test_gaps_do_not_reach_back_before_the_window() -> None:
    """A hiccup of 2.5 s in the settling time that ends 0.3 s into the window is one of 0.3 s."""
    samples = [
        replace(FIRST, at_s=2.0, longest_gap_s=2.2),
        replace(FIRST, at_s=2.3, longest_gap_s=2.5),
        replace(FIRST, at_s=4.0, longest_gap_s=0.1, last_frame_age_s=9.0),
    ]
    summary = summarise(samples, settle_s=0.0, blank_luma=20.0)
    assert summary.longest_gap_s == pytest.approx(0.3)
    assert summary.last_frame_age_s == 2.0


def looks(*said: tuple[bool | None, float | None]) -> list[StreamSample]:
    return [replace(FIRST, at_s=float(at), changed=changed, luma=luma) for at, (changed, luma) in enumerate(said)]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ([None, True, True, True], 0.0),
        ([True, False, False, True, False], 2.0),
        ([True, None, False, None, False], 4.0),
        ([None, None], None),
        ([True], None),
    ],
    ids=["lively", "the longest of two", "samples without a look", "no look", "one look"],
)
def test_the_longest_rest_is_found(changed: list[bool | None], expected: float | None) -> None:
    """From the look before the first that saw no change to the last of them."""
    samples = looks(*((said, 90.0) for said in changed))
    assert summarise(samples, settle_s=0.0, blank_luma=20.0).unchanged_s == expected


@pytest.mark.parametrize(
    ("lumas", "expected"),
    [
        ([90.0, 90.0], 0.0),
        ([90.0, 5.0, None, 20.0, 90.0, 1.0], 2.0),
        ([None, None], None),
    ],
    ids=["bright", "the longest of two", "no look"],
)
def test_the_longest_blank_is_found(lumas: list[float | None], expected: float | None) -> None:
    """From the first blank look to the last before a picture came back."""
    samples = looks(*((True, luma) for luma in lumas))
    assert summarise(samples, settle_s=0.0, blank_luma=20.0).blank_s == expected
