"""Properties of the verdict on samples, whatever they say: worse ones never look better."""

from collections.abc import Sequence
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prober.domain.finding import Rule
from prober.domain.rules import judge
from prober.domain.stream import StreamSample
from prober.domain.thresholds import Thresholds
from prober.domain.window import summarise
from tests.domain.streams import EXAMPLES, JUDGED, SAMPLES, SECONDS, STIMULATED, THRESHOLDS, TOLD, badness, windows


@given(samples=windows(JUDGED | TOLD), settle_s=SECONDS)
def test_any_samples_come_to_sound_figures(samples: Sequence[StreamSample], settle_s: float) -> None:
    """Whatever is absent, falls, or stands still: shares lie between 0 and 1, and nothing that counts is negative."""
    summary = summarise(samples, settle_s=settle_s, blank_luma=20.0)
    for part in fields(summary):
        value = getattr(summary, part.name)
        if isinstance(value, int | float) and part.name != "audio_offset_s":
            assert value >= 0, part.name
            assert value <= 1 or not part.name.endswith("_ratio"), part.name


WORSE_LAST_SAMPLE: dict[str, int] = {
    "last_frame_age_s": 1,
    "longest_gap_s": 1,
    "freezes_s": 1,
    "pauses_s": 1,
    "packets_lost": 1,
    "jitter_s": 1,
    "jitter_buffer_s": 1,
    "round_trip_s": 1,
    "round_trips_s": 1,
    "disconnections": 1,
    "frames_rendered": -1,
    "luma": -1,
}
"""Fields of a sample with the direction in which they get worse."""

SUMS = {"freezes_s", "pauses_s", "jitter_buffer_s", "round_trips_s", "disconnections"}
"""Those of them that are counters, where more is worse."""


@pytest.mark.parametrize("field", list(WORSE_LAST_SAMPLE), ids=str)
@settings(max_examples=EXAMPLES)
@given(
    stimulated=STIMULATED,
    samples=SAMPLES.filter(bool),
    by=st.integers(min_value=0, max_value=100),
    thresholds=THRESHOLDS,
)
def test_a_worse_sample_never_improves_the_verdict(
    field: str,
    stimulated: bool,  # noqa: FBT001 - drawn by the test
    samples: list[StreamSample],
    by: int,
    thresholds: Thresholds,
) -> None:
    """A last sample that is worse in one field leaves the verdict as it is or makes it worse."""
    last = samples[-1]
    value = getattr(last, field)
    told = [counted for sample in samples if (counted := getattr(sample, field)) is not None]
    if value is None or (field in SUMS and value < max(told)):
        return  # a counter that is absent or begun anew says nothing: there is nothing to make worse
    worse = [*samples[:-1], replace(last, **{field: value + WORSE_LAST_SAMPLE[field] * by})]
    before = badness(
        summarise(samples, settle_s=0.0, blank_luma=thresholds.blank_luma), thresholds, stimulated=stimulated
    )
    assert (
        badness(summarise(worse, settle_s=0.0, blank_luma=thresholds.blank_luma), thresholds, stimulated=stimulated)
        >= before
    )


WORSE_EVERYWHERE: dict[str, int] = {
    "last_frame_age_s": 1,
    "longest_gap_s": 1,
    "jitter_s": 1,
    "round_trip_s": 1,
    "luma": -1,
}
"""Gauges of a sample with the direction in which they get worse."""


@pytest.mark.parametrize("field", list(WORSE_EVERYWHERE), ids=str)
@settings(max_examples=EXAMPLES)
@given(stimulated=STIMULATED, samples=SAMPLES, by=st.lists(SECONDS, min_size=5, max_size=5), thresholds=THRESHOLDS)
def test_worse_samples_never_improve_the_verdict(
    field: str,
    stimulated: bool,  # noqa: FBT001 - drawn by the test
    samples: list[StreamSample],
    by: list[float],
    thresholds: Thresholds,
) -> None:
    """A window whose samples are all worse in one gauge, each by its own amount, is judged as before or worse."""
    direction = WORSE_EVERYWHERE[field]
    worse = [
        sample if (value := getattr(sample, field)) is None else replace(sample, **{field: value + direction * more})
        for sample, more in zip(samples, by, strict=False)
    ]
    before, after = (
        badness(summarise(given_, settle_s=1.0, blank_luma=thresholds.blank_luma), thresholds, stimulated=stimulated)
        for given_ in (samples, worse)
    )
    assert after >= before


@given(stimulated=STIMULATED, samples=SAMPLES, thresholds=THRESHOLDS)
def test_looks_that_saw_nothing_never_improve_the_verdict(
    stimulated: bool,  # noqa: FBT001 - drawn by the test
    samples: list[StreamSample],
    thresholds: Thresholds,
) -> None:
    """A window in which every look saw no change is judged as before or worse."""
    still = [sample if sample.changed is None else replace(sample, changed=False) for sample in samples]
    before, after = (
        badness(summarise(given_, settle_s=0.0, blank_luma=thresholds.blank_luma), thresholds, stimulated=stimulated)
        for given_ in (samples, still)
    )
    assert after >= before


@given(stimulated=STIMULATED, samples=SAMPLES, thresholds=THRESHOLDS, settle_s=SECONDS)
def test_a_page_that_begins_anew_is_never_good(
    stimulated: bool,  # noqa: FBT001 - drawn by the test
    samples: list[StreamSample],
    thresholds: Thresholds,
    settle_s: float,
) -> None:
    """A page whose own time falls was reloaded, in the settling time too: that is found, whatever else is."""
    told = [sample.at_s for sample in samples if sample.at_s > 0]
    stream = summarise(samples, settle_s=settle_s, blank_luma=thresholds.blank_luma)
    if stream.window_s > 0 and told != sorted(told):
        findings = judge(stream, thresholds, stimulated=stimulated).findings
        assert Rule.GONE in [finding.rule for finding in findings]
