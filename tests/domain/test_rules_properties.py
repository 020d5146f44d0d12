"""Properties of the verdict: worse never looks better, absent never looks bad."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prober.domain.finding import Grade
from prober.domain.reasons import Reason
from prober.domain.rules import judge
from prober.domain.stream import StreamSample, StreamSummary
from prober.domain.thresholds import Limit, Thresholds
from prober.domain.window import summarise

GRADES = list(Grade)
EXAMPLES = 25
"""Of each case of a test that has many."""

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
    uncounted=st.booleans(),
    disconnections=st.none() | st.integers(min_value=0, max_value=3),
)

JUDGED: dict[str, st.SearchStrategy[Any]] = {
    "at_s": SECONDS,
    "paused": st.none() | st.booleans(),
    "frames_rendered": st.none() | COUNTS,
    "frames_decoded": st.none() | COUNTS,
    "last_frame_age_s": st.none() | SECONDS,
    "longest_gap_s": st.none() | SECONDS,
    "freezes_s": st.none() | SECONDS,
    "pauses_s": st.none() | SECONDS,
    "packets_received": st.none() | COUNTS,
    "packets_lost": st.none() | st.integers(min_value=-100, max_value=10_000),
    "jitter_s": st.none() | SECONDS,
    "jitter_buffer_s": st.none() | SECONDS,
    "jitter_buffer_frames": st.none() | COUNTS,
    "round_trip_s": st.none() | SECONDS,
    "round_trips_s": st.none() | SECONDS,
    "round_trip_responses": st.none() | COUNTS,
    "luma": st.none() | LUMA,
    "changed": st.none() | st.booleans(),
    "disconnections": st.none() | st.integers(min_value=0, max_value=3),
}
"""Fields of a sample that a verdict depends on."""

TOLD: dict[str, st.SearchStrategy[Any]] = {
    "frames_dropped": st.none() | COUNTS,
    "frames_received": st.none() | COUNTS,
    "bytes_received": st.none() | COUNTS,
    "width": st.none() | COUNTS,
    "height": st.none() | COUNTS,
    "decode_s": st.none() | SECONDS,
    "inter_frame_s": st.none() | SECONDS,
    "inter_frame_squared_s2": st.none() | SECONDS,
    "quantizer_sum": st.none() | COUNTS,
    "corruption_sum": st.none() | SECONDS,
    "corruption_measurements": st.none() | COUNTS,
    "packets_retransmitted": st.none() | COUNTS,
    "pair_changes": st.none() | COUNTS,
    "audio_samples": st.none() | COUNTS,
    "audio_concealed": st.none() | COUNTS,
    "audio_energy": st.none() | SECONDS,
    "audio_bytes": st.none() | COUNTS,
}
"""Fields of a sample that are only told."""


def windows(parts: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[list[StreamSample]]:
    """Draws a few samples in the order of time."""
    drawn = st.lists(st.builds(StreamSample, **parts), max_size=5)
    return drawn.map(lambda samples: sorted(samples, key=lambda sample: sample.at_s))


SAMPLES = windows(JUDGED)

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

NEEDED = {"window_s", "frames_rendered", "uncounted"}
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
    "uncounted": st.just((True, False)),
    "disconnections": st.tuples(COUNTS, COUNTS).map(lambda pair: (min(pair), max(pair))),
    "paused": st.just((False, True)),
}
"""For each dimension of a stream a good value with one that is worse, or the same."""


def badness(summary: StreamSummary, thresholds: Thresholds, *, stimulated: bool) -> int:
    """Returns the verdict as a number that grows as it gets worse."""
    return GRADES.index(judge(summary, thresholds, stimulated=stimulated).grade)


@pytest.mark.parametrize("dimension", list(WORSE), ids=str)
@settings(max_examples=EXAMPLES)
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


UNJUDGED = sorted({part.name for part in fields(StreamSummary)} - set(WORSE) - NEEDED - {"frames_decoded"})
"""Fields of a summary that no rule reads."""


@given(
    stimulated=STIMULATED,
    summary=SUMMARIES,
    thresholds=THRESHOLDS,
    changes=st.dictionaries(st.sampled_from(UNJUDGED), st.none() | COUNTS),
)
def test_what_no_rule_reads_changes_no_verdict(
    stimulated: bool,  # noqa: FBT001 - drawn by the test
    summary: StreamSummary,
    thresholds: Thresholds,
    changes: dict[str, Any],
) -> None:
    """Figures without a limit are told, not judged."""
    before = judge(summary, thresholds, stimulated=stimulated)
    assert judge(replace(summary, **changes), thresholds, stimulated=stimulated) == before


STRICTER: dict[str, int] = {
    "round_trip_s": -1,
    "loss_ratio": -1,
    "jitter_s": -1,
    "jitter_buffer_s": -1,
    "freeze_warn_s": -1,
    "freeze_fail_ratio": -1,
    "frames_per_second": 1,
    "no_frame_s": -1,
}
"""Limits with the direction in which they get stricter."""


@pytest.mark.parametrize("limit", list(STRICTER), ids=str)
@settings(max_examples=EXAMPLES)
@given(stimulated=STIMULATED, summary=SUMMARIES, thresholds=THRESHOLDS, by=RATIOS)
def test_a_stricter_limit_never_improves_the_verdict(
    limit: str,
    stimulated: bool,  # noqa: FBT001 - drawn by the test
    summary: StreamSummary,
    thresholds: Thresholds,
    by: float,
) -> None:
    """Moving a limit, or both of its edges, towards the better leaves the verdict as it is or makes it worse."""
    value, step = getattr(thresholds, limit), STRICTER[limit] * by
    moved: Any = Limit(warn=value.warn + step, fail=value.fail + step) if isinstance(value, Limit) else value + step
    stricter = replace(thresholds, **{limit: moved})
    before = badness(summary, thresholds, stimulated=stimulated)
    assert badness(summary, stricter, stimulated=stimulated) >= before


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
    first, last = samples[0], samples[-1]
    value, begun = getattr(last, field), getattr(first, field)
    if value is None or (begun is not None and field in SUMS and value < begun):
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
