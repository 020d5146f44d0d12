"""Properties of the verdict: worse never looks better, absent never looks bad."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.domain.reasons import Reason
from prober.domain.stream import Grade, StreamSample, StreamSummary, judge
from prober.domain.thresholds import Limit, Thresholds
from prober.domain.window import summarise

GRADES = list(Grade)
SECONDS = st.floats(min_value=0, max_value=20)
RATIOS = st.floats(min_value=0, max_value=1)
COUNTS = st.integers(min_value=0, max_value=10_000)
LUMA = st.floats(min_value=0, max_value=255)
RATES = st.floats(min_value=0, max_value=120)
STIMULATED = st.booleans()

SUMMARIES = st.builds(
    StreamSummary,
    window_s=SECONDS,
    frames_rendered=st.none() | COUNTS,
    frames_decoded=st.none() | COUNTS,
    frames_per_second=st.none() | RATES,
    packet_loss_ratio=st.none() | RATIOS,
    jitter_s=st.none() | SECONDS,
    jitter_buffer_s=st.none() | SECONDS,
    round_trip_s=st.none() | SECONDS,
    freeze_ratio=st.none() | RATIOS,
    longest_gap_s=st.none() | SECONDS,
    last_frame_age_s=st.none() | SECONDS,
    luma=st.none() | LUMA,
    blank_s=st.none() | SECONDS,
    changed=st.none() | st.booleans(),
    unchanged_s=st.none() | SECONDS,
    paused=st.none() | st.booleans(),
)

SAMPLES = st.lists(
    st.builds(
        StreamSample,
        at_s=SECONDS,
        paused=st.none() | st.booleans(),
        frames_rendered=st.none() | COUNTS,
        frames_decoded=st.none() | COUNTS,
        frames_dropped=st.none() | COUNTS,
        frames_received=st.none() | COUNTS,
        last_frame_age_s=st.none() | SECONDS,
        longest_gap_s=st.none() | SECONDS,
        freezes_s=st.none() | SECONDS,
        packets_received=st.none() | COUNTS,
        packets_lost=st.none() | st.integers(min_value=-100, max_value=10_000),
        bytes_received=st.none() | COUNTS,
        jitter_s=st.none() | SECONDS,
        jitter_buffer_s=st.none() | SECONDS,
        jitter_buffer_frames=st.none() | COUNTS,
        round_trip_s=st.none() | SECONDS,
        luma=st.none() | LUMA,
        changed=st.none() | st.booleans(),
    ),
    max_size=8,
).map(lambda samples: sorted(samples, key=lambda sample: sample.at_s))

LIMITS = st.tuples(RATIOS, RATIOS).map(sorted).map(lambda edges: Limit(warn=edges[0], fail=edges[1]))
THRESHOLDS = st.builds(
    Thresholds,
    round_trip_s=LIMITS,
    loss_ratio=LIMITS,
    jitter_s=LIMITS,
    jitter_buffer_s=LIMITS,
    freeze_warn_s=SECONDS,
    freeze_fail_ratio=RATIOS,
    frames_per_second=st.tuples(RATES, RATES).map(sorted).map(lambda edges: Limit(warn=edges[1], fail=edges[0])),
    no_frame_s=st.floats(min_value=0.1, max_value=20),
    blank_luma=LUMA,
)

NEEDED = {"window_s", "frames_rendered"}
"""What every window has: without counted frames there was no picture to judge."""

WORSE: dict[str, st.SearchStrategy[tuple[Any, Any]]] = {
    **dict.fromkeys(
        (
            "longest_gap_s",
            "last_frame_age_s",
            "freeze_ratio",
            "packet_loss_ratio",
            "round_trip_s",
            "jitter_s",
            "jitter_buffer_s",
            "blank_s",
            "unchanged_s",
        ),
        st.tuples(SECONDS, SECONDS).map(lambda pair: (min(pair), max(pair))),
    ),
    "frames_per_second": st.tuples(RATES, RATES).map(lambda pair: (max(pair), min(pair))),
    "luma": st.tuples(LUMA, LUMA).map(lambda pair: (max(pair), min(pair))),
    "frames_rendered": COUNTS.map(lambda count: (count, 0)),
    "changed": st.just((True, False)),
    "paused": st.just((False, True)),
}
"""For each dimension of a stream a good value with one that is worse, or the same."""


def badness(summary: StreamSummary, thresholds: Thresholds, *, stimulated: bool) -> int:
    """Returns the verdict as a number that grows as it gets worse."""
    return GRADES.index(judge(summary, thresholds, stimulated=stimulated).grade)


@pytest.mark.parametrize("dimension", list(WORSE), ids=str)
@given(stimulated=STIMULATED, data=st.data(), summary=SUMMARIES, thresholds=THRESHOLDS)
def test_a_worse_stream_never_improves_the_verdict(
    dimension: str,
    stimulated: bool,  # noqa: FBT001 - drawn by the test
    data: st.DataObject,
    summary: StreamSummary,
    thresholds: Thresholds,
) -> None:
    """Making one dimension worse, whatever the others are, leaves the verdict as it is or makes it worse."""
    better, worse = data.draw(WORSE[dimension])
    before = badness(replace(summary, **{dimension: better}), thresholds, stimulated=stimulated)
    assert badness(replace(summary, **{dimension: worse}), thresholds, stimulated=stimulated) >= before


@given(stimulated=STIMULATED, summary=SUMMARIES, thresholds=THRESHOLDS, data=st.data())
def test_what_is_not_said_breaks_no_rule(
    stimulated: bool,  # noqa: FBT001 - drawn by the test
    summary: StreamSummary,
    thresholds: Thresholds,
    data: st.DataObject,
) -> None:
    """Hiding any of a stream's values never makes its verdict worse, but for the frames: uncounted ones are gone."""
    names = st.sets(st.sampled_from([part.name for part in fields(summary) if part.name not in NEEDED]))
    hidden: dict[str, Any] = dict.fromkeys(data.draw(names))
    assert badness(replace(summary, **hidden), thresholds, stimulated=stimulated) <= badness(
        summary, thresholds, stimulated=stimulated
    )


@given(stimulated=STIMULATED, thresholds=THRESHOLDS, window_s=SECONDS)
def test_a_silent_browser_breaks_one_rule_only(
    stimulated: bool,  # noqa: FBT001 - drawn by the test
    thresholds: Thresholds,
    window_s: float,
) -> None:
    """Of a stream of which nothing is known it can be said that nobody saw it, and nothing else."""
    findings = judge(StreamSummary(window_s=window_s), thresholds, stimulated=stimulated).findings
    assert [finding.reason for finding in findings] == [Reason.FROZEN]


@given(samples=SAMPLES, settle_s=SECONDS)
def test_any_samples_come_to_sound_figures(samples: Sequence[StreamSample], settle_s: float) -> None:
    """Whatever is absent, falls, or stands still: shares lie between 0 and 1, and nothing that counts is negative."""
    summary = summarise(samples, settle_s=settle_s, blank_luma=20.0)
    for share in (summary.packet_loss_ratio, summary.freeze_ratio, summary.frames_dropped_ratio):
        assert share is None or 0 <= share <= 1
    counted = (summary.frames_rendered, summary.frames_per_second, summary.bitrate_bits_per_second)
    assert all(value is None or value >= 0 for value in (*counted, summary.jitter_buffer_s))


WORSE_LAST_SAMPLE: dict[str, int] = {
    "last_frame_age_s": 1,
    "longest_gap_s": 1,
    "freezes_s": 1,
    "packets_lost": 1,
    "jitter_s": 1,
    "jitter_buffer_s": 1,
    "round_trip_s": 1,
    "luma": -1,
}
"""Fields of a sample with the direction in which they get worse."""


@pytest.mark.parametrize("field", list(WORSE_LAST_SAMPLE), ids=str)
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
    first, last = samples[0], samples[-1]
    value, begun = getattr(last, field), getattr(first, field)
    if value is None or (begun is not None and field in {"freezes_s", "jitter_buffer_s"} and value < begun):
        return  # a counter that is absent or begun anew says nothing: there is nothing to make worse
    worse = [*samples[:-1], replace(last, **{field: value + WORSE_LAST_SAMPLE[field] * by})]
    before = badness(
        summarise(samples, settle_s=0.0, blank_luma=thresholds.blank_luma), thresholds, stimulated=stimulated
    )
    assert (
        badness(summarise(worse, settle_s=0.0, blank_luma=thresholds.blank_luma), thresholds, stimulated=stimulated)
        >= before
    )
