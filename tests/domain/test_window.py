from dataclasses import asdict, replace

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
                changed=False,
                unchanged_s=4.0,
                paused=False,
                width=1280,
                height=720,
            )
        )
    )


def test_the_settling_time_is_left_out() -> None:
    """What happens while an encoder ramps up is not judged."""
    late = replace(LAST, at_s=8.0, frames_rendered=400, longest_gap_s=0.05)
    summary = summarise([FIRST, LAST, late], settle_s=2.0, blank_luma=20.0)
    assert (summary.window_s, summary.frames_rendered, summary.jitter_s) == (4.0, 180, 0.002)
    assert summary.longest_gap_s == 0.05


def test_late_packets_are_not_lost_ones() -> None:
    """`packetsLost` falls when packets arrive late; that is no loss below 0."""
    assert summarise([FIRST, replace(LAST, packets_lost=3)], settle_s=0.0, blank_luma=20.0).packet_loss_ratio == 0.0


def test_counters_that_were_begun_anew_say_nothing() -> None:
    """After a reconnect the counters start again: what they grew by is not known, rather than negative."""
    fresh = replace(LAST, frames_rendered=5, packets_received=7, bytes_received=9, freezes_s=0.0)
    summary = summarise([FIRST, fresh], settle_s=0.0, blank_luma=20.0)
    assert summary.frames_rendered is None
    assert summary.frames_per_second is None
    assert summary.packet_loss_ratio is None
    assert summary.bitrate_bits_per_second is None
    assert summary.freeze_ratio is None


def test_a_freeze_that_lasts_counts() -> None:
    """The browser's counter knows of ended freezes only; the one that lasts is added, pacing is not."""
    frozen = summarise([FIRST, replace(LAST, last_frame_age_s=2.0)], settle_s=0.0, blank_luma=20.0)
    paced = summarise([FIRST, replace(LAST, last_frame_age_s=0.9)], settle_s=0.0, blank_luma=20.0)
    long = summarise([FIRST, replace(LAST, last_frame_age_s=9.0)], settle_s=0.0, blank_luma=20.0)
    assert frozen.freeze_ratio == pytest.approx(0.6)
    assert paced.freeze_ratio == pytest.approx(0.1)
    assert long.freeze_ratio == 1.0


@pytest.mark.parametrize("samples", [[], [FIRST]], ids=["none", "one"])
def test_too_few_samples_are_a_window_of_nothing(samples: list[StreamSample]) -> None:
    """Without two samples there is no delta, which is absent rather than 0 frames per second."""
    summary = summarise(samples, settle_s=0.0, blank_luma=20.0)
    assert summary.window_s == 0.0
    assert summary.frames_per_second is None
    assert summary.freeze_ratio is None


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
