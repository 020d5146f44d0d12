from dataclasses import asdict, replace
from typing import Any

import pytest

from prober.domain.stream import StreamSample, StreamSummary
from prober.domain.window import summarise

FIRST = StreamSample(
    at_s=0.0,
    paused=False,
    frames_rendered=100,
    frames_decoded=110,
    frames_dropped=1,
    frames_received=111,
    last_frame_age_s=0.01,
    longest_gap_s=3.0,
    freezes_s=0.5,
    packets_received=1000,
    packets_lost=10,
    bytes_received=1_000_000,
    jitter_s=0.004,
    jitter_buffer_s=2.0,
    jitter_buffer_frames=100,
    round_trip_s=0.010,
    width=640,
    height=360,
    luma=50.0,
    changed=True,
)
LAST = replace(
    FIRST,
    at_s=4.0,
    frames_rendered=220,
    frames_decoded=230,
    frames_dropped=13,
    frames_received=231,
    last_frame_age_s=0.02,
    longest_gap_s=0.04,
    freezes_s=0.9,
    packets_received=1990,
    packets_lost=20,
    bytes_received=3_000_000,
    jitter_s=0.002,
    jitter_buffer_s=6.8,
    jitter_buffer_frames=220,
    round_trip_s=0.030,
    width=1280,
    height=720,
    luma=30.0,
    changed=False,
)


def test_a_window_comes_to_deltas_and_means() -> None:
    """Counters become what they grew by, gauges their worst or their mean, the rest the last word."""
    summary = summarise([FIRST, LAST], settle_s=0.0, blank_luma=20.0)
    assert asdict(summary) == pytest.approx(
        asdict(
            StreamSummary(
                window_s=4.0,
                frames_rendered=120,
                frames_decoded=120,
                frames_per_second=30.0,
                frames_dropped_ratio=0.1,
                packet_loss_ratio=0.01,
                bitrate_bits_per_second=4e6,
                jitter_s=0.004,
                jitter_buffer_s=0.04,
                round_trip_s=0.020,
                freeze_ratio=0.1,
                longest_gap_s=0.04,
                last_frame_age_s=0.02,
                luma=50.0,
                blank_s=0.0,
                looks=1,
                changed=False,
                unchanged_s=4.0,
                paused=False,
                width=1280,
                height=720,
                bits_per_pixel=2_000_000 * 8 / 120 / (1280 * 720),
            )
        )
    )


COUNTED = replace(
    FIRST,
    width=100,
    height=50,
    key_frames=1,
    decode_s=1.0,
    processing_s=2.0,
    jitter_buffer_target_s=1.0,
    jitter_buffer_minimum_s=0.5,
    inter_frame_s=3.0,
    inter_frame_squared_s2=0.2,
    freezes=1,
    pauses=0,
    pauses_s=0.0,
    nacks=10,
    plis=1,
    firs=0,
    packets_retransmitted=5,
    quantizer_sum=1000.0,
    corruption_sum=0.5,
    corruption_measurements=10,
    round_trips_s=1.0,
    round_trip_responses=10,
    available_incoming_bits_per_s=4e6,
    available_outgoing_bits_per_s=1e6,
    pair_changes=1,
    disconnections=0,
    audio_samples=48_000,
    audio_concealed=480,
    audio_concealments=1,
    audio_energy=0.5,
    audio_level=0.2,
    audio_bytes=10_000,
    audio_playout_s=0.010,
)
LATER = replace(
    COUNTED,
    at_s=4.0,
    frames_decoded=210,
    packets_received=2000,
    bytes_received=1_000_000 + 500 * 100 * 10,
    jitter_buffer_frames=200,
    key_frames=3,
    decode_s=1.5,
    processing_s=4.0,
    jitter_buffer_target_s=3.0,
    jitter_buffer_minimum_s=1.5,
    inter_frame_s=7.0,
    inter_frame_squared_s2=0.2 + 100 * (0.04**2 + 0.01**2),
    freezes=3,
    pauses=1,
    pauses_s=6.0,
    nacks=30,
    plis=3,
    firs=2,
    packets_retransmitted=25,
    quantizer_sum=3500.0,
    corruption_sum=0.7,
    corruption_measurements=20,
    round_trips_s=1.4,
    round_trip_responses=20,
    available_incoming_bits_per_s=6e6,
    available_outgoing_bits_per_s=3e6,
    disconnections=2,
    audio_samples=48_000 * 5,
    audio_concealed=480 + 1920,
    audio_concealments=4,
    audio_energy=2.5,
    audio_level=0.6,
    audio_bytes=50_000,
    audio_playout_s=0.030,
)


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("decode_s", 0.005),
        ("processing_s", 0.02),
        ("jitter_buffer_target_s", 0.02),
        ("jitter_buffer_minimum_s", 0.01),
        ("inter_frame_stdev_s", 0.01),
        ("freezes", 2),
        ("pauses", 1),
        ("pauses_s", 6.0),
        ("nacks_per_second", 5.0),
        ("plis_per_second", 0.5),
        ("firs_per_second", 0.5),
        ("retransmitted_ratio", 0.02),
        ("key_frames", 2),
        ("quantizer", 25.0),
        ("bits_per_pixel", 8.0),
        ("corruption_ratio", 0.02),
        ("round_trip_s", 0.04),
        ("available_incoming_bits_per_second", 5e6),
        ("available_outgoing_bits_per_second", 2e6),
        ("path_changes", 0),
        ("disconnections", 2),
        ("audio_bytes", 40_000),
        ("audio_bitrate_bits_per_second", 80_000.0),
        ("audio_concealed_ratio", 0.01),
        ("audio_concealments", 3),
        ("audio_energy_per_second", 0.5),
        ("audio_level", 0.6),
        ("audio_offset_s", 0.02),
    ],
    ids=str,
)
def test_each_figure_has_its_formula(figure: str, expected: float) -> None:
    """Sums are divided by what they were summed over, counts become rates, gauges a mean or their peak."""
    summary = summarise([COUNTED, LATER], settle_s=0.0, blank_luma=20.0)
    assert getattr(summary, figure) == pytest.approx(expected)


def test_what_the_browser_never_said_stays_absent() -> None:
    """Two samples that only have a time come to a summary that only has a window, without a look in it."""
    bare = [StreamSample(at_s=0.0), StreamSample(at_s=4.0)]
    assert summarise(bare, settle_s=0.0, blank_luma=20.0) == StreamSummary(window_s=4.0, looks=0)


@pytest.mark.parametrize(
    "changes",
    [{"pair_changes": 2}, {"round_trip_responses": 10}, {"round_trips_s": 0.1}, {"round_trips_s": None}],
    ids=["another pair", "no response", "begun anew", "not said"],
)
def test_round_trips_that_cannot_be_summed_are_those_of_the_samples(changes: dict[str, Any]) -> None:
    """The sums belong to one candidate pair: after a change of path they say nothing, the samples still do."""
    summary = summarise([COUNTED, replace(LATER, round_trip_s=0.030, **changes)], settle_s=0.0, blank_luma=20.0)
    assert summary.round_trip_s == pytest.approx(0.020)


def test_a_lost_path_needs_no_time_to_settle() -> None:
    """Encoders ramp up, ICE does not: what was lost in the settling time counts."""
    lost = replace(COUNTED, at_s=1.0, disconnections=1)
    summary = summarise([COUNTED, lost, replace(lost, at_s=4.0)], settle_s=2.0, blank_luma=20.0)
    assert summary.disconnections == 1


@pytest.mark.parametrize(
    ("frames", "lumas", "uncounted"),
    [
        ([None, None, None], [90.0, None, 90.0], True),
        ([None, None, None], [90.0, 90.0, None], True),
        ([None, None, None], [90.0, None, None], False),
        ([None, None, None], [None, None, None], False),
        ([5, None, None], [90.0, 90.0, 90.0], False),
        ([None, None, 5], [90.0, 90.0, 90.0], False),
        ([5, 6, 7], [90.0, 90.0, 90.0], False),
    ],
    ids=["pixels only", "looked at lately", "gone", "never there", "no longer counted", "anew", "counted"],
)
def test_a_picture_whose_frames_nobody_counts_is_known_by_its_pixels(
    frames: list[int | None],
    lumas: list[float | None],
    uncounted: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A worker's canvas has pixels and no frames all the time; one whose frames came or went began anew."""
    samples = [
        StreamSample(at_s=at * 1.5, frames_rendered=count, luma=luma, width=640)
        for at, (count, luma) in enumerate(zip(frames, lumas, strict=True))
    ]
    summary = summarise(samples, settle_s=0.0, blank_luma=20.0)
    assert summary.uncounted is uncounted
    assert summary.frames_rendered == (2 if frames == [5, 6, 7] else None)


def test_a_picture_that_is_gone_at_the_end_is_no_uncounted_one() -> None:
    """Pixels a moment ago are no picture now: without an element there is nothing to count or to look at."""
    samples = [StreamSample(at_s=1.0, luma=90.0, width=640), StreamSample(at_s=1.5, luma=90.0), StreamSample(at_s=2.0)]
    assert not summarise(samples, settle_s=0.0, blank_luma=20.0).uncounted


def test_the_settling_time_is_left_out() -> None:
    """What happens while an encoder ramps up is not judged."""
    late = replace(LAST, at_s=8.0, frames_rendered=400, longest_gap_s=0.05)
    summary = summarise([FIRST, LAST, late], settle_s=2.0, blank_luma=20.0)
    assert (summary.window_s, summary.frames_rendered, summary.jitter_s) == (4.0, 180, 0.002)
    assert summary.longest_gap_s == 0.05


def test_late_packets_are_not_lost_ones() -> None:
    """`packetsLost` falls when packets arrive late; that is no loss below 0."""
    assert summarise([FIRST, replace(LAST, packets_lost=3)], settle_s=0.0, blank_luma=20.0).packet_loss_ratio == 0.0


def test_what_was_sent_again_was_sent_once_for_the_loss() -> None:
    """Of 1000 packets 100 were lost and came at their second try: a tenth was lost, although all arrived."""
    first = replace(FIRST, packets_received=0, packets_lost=0, packets_retransmitted=0)
    last = replace(LAST, packets_received=1000, packets_lost=100, packets_retransmitted=100)
    assert summarise([first, last], settle_s=0.0, blank_luma=20.0).packet_loss_ratio == pytest.approx(0.1)


@pytest.mark.parametrize("samples", [[], [FIRST]], ids=["none", "one"])
def test_too_few_samples_are_a_window_of_nothing(samples: list[StreamSample]) -> None:
    """Without two samples there is no delta, which is absent rather than 0 frames per second."""
    summary = summarise(samples, settle_s=0.0, blank_luma=20.0)
    assert summary.window_s == 0.0
    assert summary.frames_per_second is None
    assert summary.freeze_ratio is None
