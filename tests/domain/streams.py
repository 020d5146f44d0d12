"""Made-up streams, their samples, and limits; and how bad a verdict on them is."""

from typing import Any

from hypothesis import strategies as st

from prober.domain.finding import Grade
from prober.domain.rules import judge
from prober.domain.stream import StreamSample, StreamSummary
from prober.domain.thresholds import Limit, Thresholds

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
    looks=st.none() | st.integers(min_value=0, max_value=10),
    anew=st.booleans(),
    paused=st.none() | st.booleans(),
    uncounted=st.booleans(),
    disconnections=st.none() | st.integers(min_value=0, max_value=3),
)

JUDGED: dict[str, st.SearchStrategy[Any]] = {
    "taken_s": SECONDS,
    "at_s": SECONDS,
    "source": st.sampled_from([None, "1/7", "1/7", "1/7", "2/7"]),
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
    """Draws a few samples in the order in which they were taken; the page's own time may fall, and stand at 0."""
    drawn = st.lists(st.builds(StreamSample, **parts), max_size=5)
    return drawn.map(lambda samples: sorted(samples, key=lambda sample: sample.moment_s))


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

_GRADES = list(Grade)


def badness(summary: StreamSummary, thresholds: Thresholds, *, stimulated: bool) -> int:
    """Returns the verdict as a number that grows as it gets worse."""
    return _GRADES.index(judge(summary, thresholds, stimulated=stimulated).grade)
