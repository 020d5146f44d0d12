"""Properties of the verdict on a window: worse never looks better, absent never looks bad."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prober.domain.reasons import Reason
from prober.domain.rules import judge
from prober.domain.stream import StreamSummary
from prober.domain.thresholds import Limit, Thresholds
from tests.domain.streams import (
    COUNTS,
    EXAMPLES,
    LUMA,
    RATES,
    RATIOS,
    SECONDS,
    STIMULATED,
    SUMMARIES,
    THRESHOLDS,
    badness,
)

NEEDED = {"window_s", "frames_rendered", "uncounted", "anew"}
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
    "anew": st.just((False, True)),
    "paused": st.just((False, True)),
}
"""For each dimension of a stream a good value with one that is worse, or the same."""


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


UNJUDGED = sorted({part.name for part in fields(StreamSummary)} - set(WORSE) - NEEDED - {"frames_decoded", "looks"})
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
