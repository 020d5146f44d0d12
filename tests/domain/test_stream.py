from dataclasses import asdict, replace
from typing import Any

import pytest

from prober.domain.reasons import Reason
from prober.domain.stream import Finding, Grade, StreamSample, StreamSummary, Verdict, judge, summarise
from prober.domain.thresholds import Thresholds

HEALTHY = StreamSummary(
    window_s=8.0,
    frames_rendered=480,
    frames_decoded=482,
    frames_per_second=60.0,
    frames_dropped_ratio=0.0,
    packet_loss_ratio=0.0,
    bitrate_bits_per_second=8e6,
    jitter_s=0.002,
    jitter_buffer_s=0.02,
    round_trip_s=0.002,
    freeze_ratio=0.0,
    longest_gap_s=0.03,
    last_frame_age_s=0.01,
    luma=90.0,
    changed=True,
    paused=False,
    width=1280,
    height=720,
)

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


@pytest.mark.parametrize(
    ("changes", "reason", "grade", "fact"),
    [
        ({"paused": True}, Reason.PLAYBACK_BLOCKED, Grade.BAD, "482 frames were decoded while"),
        ({"longest_gap_s": 5.0}, Reason.FROZEN, Grade.BAD, "no rendered frame for 5.0 s under a stimulus (limit 5 s)"),
        ({"last_frame_age_s": 6.0}, Reason.FROZEN, Grade.BAD, "no rendered frame for 6.0 s"),
        ({"frames_rendered": 0}, Reason.FROZEN, Grade.BAD, "no rendered frame in 8.0 s"),
        ({"changed": False}, Reason.FROZEN, Grade.BAD, "no pixel changed in 8.0 s"),
        ({"luma": 20.0}, Reason.BLACK_FRAMES, Grade.BAD, "at most 20 (blank at 20)"),
        ({"luma": 3.0, "changed": False}, Reason.BLACK_FRAMES, Grade.BAD, "at most 3"),
        ({"frames_per_second": 23.9}, Reason.LOW_FPS, Grade.DEGRADED, "23.9 frames per second (limit 24)"),
        ({"frames_per_second": 9.9}, Reason.LOW_FPS, Grade.BAD, "9.9 frames per second (limit 10)"),
        ({"longest_gap_s": 1.5}, Reason.FROZEN, Grade.DEGRADED, "a freeze of 1.5 s (limit 1 s)"),
        ({"freeze_ratio": 0.31}, Reason.FROZEN, Grade.BAD, "frozen for 31% of the window (limit 30%)"),
        ({"packet_loss_ratio": 0.02}, Reason.HIGH_LOSS, Grade.DEGRADED, "packet loss 2.0% (limit 1.0%)"),
        ({"packet_loss_ratio": 0.06}, Reason.HIGH_LOSS, Grade.BAD, "packet loss 6.0% (limit 5.0%)"),
        ({"round_trip_s": 0.2}, Reason.HIGH_RTT, Grade.DEGRADED, "round-trip time 0.200 s (limit 0.100 s)"),
        ({"round_trip_s": 0.3}, Reason.HIGH_RTT, Grade.BAD, "round-trip time 0.300 s (limit 0.250 s)"),
        ({"jitter_s": 0.05}, Reason.HIGH_JITTER, Grade.DEGRADED, "jitter 0.050 s (limit 0.030 s)"),
        ({"jitter_s": 0.25}, Reason.HIGH_JITTER, Grade.BAD, "jitter 0.250 s (limit 0.200 s)"),
        ({"jitter_buffer_s": 0.2}, Reason.HIGH_JITTER, Grade.DEGRADED, "jitter buffer 0.200 s (limit 0.100 s)"),
        ({"jitter_buffer_s": 0.6}, Reason.HIGH_JITTER, Grade.BAD, "jitter buffer 0.600 s (limit 0.500 s)"),
    ],
    ids=[
        "paused",
        "long gap",
        "gap that lasts",
        "no frame at all",
        "no change",
        "blank",
        "blank and unchanged",
        "few frames",
        "too few frames",
        "one freeze",
        "mostly frozen",
        "loss",
        "much loss",
        "round trip",
        "long round trip",
        "jitter",
        "much jitter",
        "buffered",
        "long buffered",
    ],
)
def test_each_rule_gives_its_reason(changes: dict[str, Any], reason: Reason, grade: Grade, fact: str) -> None:
    """A stream that breaks one rule is judged by that rule's reason, with the value beside its limit."""
    verdict = judge(replace(HEALTHY, **changes), Thresholds(), stimulated=True)
    assert {finding.reason for finding in verdict.findings} == {reason}
    assert verdict.grade is grade
    assert fact in verdict.findings[0].fact


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"frames_per_second": 24.0},
        {"longest_gap_s": 1.0},
        {"freeze_ratio": 0.30},
        {"packet_loss_ratio": 0.01},
        {"round_trip_s": 0.100},
        {"jitter_s": 0.030},
        {"jitter_buffer_s": 0.100},
        {"luma": 20.1},
        {"paused": True, "frames_decoded": 0},
        {"window_s": 0.0, "frames_rendered": 0},
    ],
    ids=[
        "healthy",
        "frame rate at its limit",
        "gap at its limit",
        "freezes at their limit",
        "loss at its limit",
        "round trip at its limit",
        "jitter at its limit",
        "buffer at its limit",
        "dark",
        "paused, nothing decoded",
        "no window",
    ],
)
def test_a_limit_itself_is_still_good(changes: dict[str, Any]) -> None:
    """Nothing is found in a stream that stays within, or exactly at, every limit."""
    verdict = judge(replace(HEALTHY, **changes), Thresholds(), stimulated=True)
    assert verdict == Verdict()
    assert verdict.grade is Grade.GOOD
    assert verdict.deciding is None


@pytest.mark.parametrize(
    "changes",
    [
        {"longest_gap_s": 9.0, "last_frame_age_s": 9.0},
        {"frames_rendered": 0, "frames_per_second": 0.0},
        {"changed": False},
        {"freeze_ratio": 1.0},
    ],
    ids=["no frame for long", "no frame", "no change", "frozen"],
)
def test_an_idle_desktop_may_stand_still(changes: dict[str, Any]) -> None:
    """Without a stimulus a desktop rightly sends almost nothing, so stillness is not judged."""
    assert judge(replace(HEALTHY, **changes), Thresholds(), stimulated=False).grade is Grade.GOOD


def test_an_idle_desktop_must_not_be_black() -> None:
    """Blankness, playback and the network are judged with or without a stimulus."""
    black = judge(replace(HEALTHY, luma=0.0, packet_loss_ratio=0.02), Thresholds(), stimulated=False)
    assert [finding.reason for finding in black.findings] == [Reason.BLACK_FRAMES, Reason.HIGH_LOSS]
    assert judge(replace(HEALTHY, paused=True), Thresholds(), stimulated=False).grade is Grade.BAD


def test_the_first_bad_finding_decides_and_the_others_warn() -> None:
    """Findings stand in order of blame: the first bad one decided, those that are not bad are warnings."""
    findings = (
        Finding(reason=Reason.LOW_FPS, bad=False, fact="few"),
        Finding(reason=Reason.HIGH_LOSS, bad=True, fact="loss"),
        Finding(reason=Reason.HIGH_RTT, bad=True, fact="far"),
    )
    verdict = Verdict(findings=findings)
    assert verdict.deciding is findings[1]
    assert verdict.warnings == ("low_fps",)


def test_a_window_comes_to_deltas_and_means() -> None:
    """Counters become what they grew by, gauges their worst or their mean, the rest the last word."""
    summary = summarise([FIRST, LAST], settle_s=0.0)
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
                changed=False,
                paused=False,
                width=1280,
                height=720,
            )
        )
    )


def test_the_settling_time_is_left_out() -> None:
    """What happens while an encoder ramps up is not judged."""
    late = replace(LAST, at_s=8.0, frames_rendered=400, longest_gap_s=0.05)
    summary = summarise([FIRST, LAST, late], settle_s=2.0)
    assert (summary.window_s, summary.frames_rendered, summary.jitter_s) == (4.0, 180, 0.002)
    assert summary.longest_gap_s == 0.05


def test_late_packets_are_not_lost_ones() -> None:
    """`packetsLost` falls when packets arrive late; that is no loss below 0."""
    assert summarise([FIRST, replace(LAST, packets_lost=3)], settle_s=0.0).packet_loss_ratio == 0.0


def test_counters_that_were_begun_anew_say_nothing() -> None:
    """After a reconnect the counters start again: what they grew by is not known, rather than negative."""
    fresh = replace(LAST, frames_rendered=5, packets_received=7, bytes_received=9, freezes_s=0.0)
    summary = summarise([FIRST, fresh], settle_s=0.0)
    assert summary.frames_rendered is None
    assert summary.frames_per_second is None
    assert summary.packet_loss_ratio is None
    assert summary.bitrate_bits_per_second is None
    assert summary.freeze_ratio is None


def test_a_freeze_that_lasts_counts() -> None:
    """The browser's counter knows of ended freezes only; the one that lasts is added, pacing is not."""
    frozen = summarise([FIRST, replace(LAST, last_frame_age_s=2.0)], settle_s=0.0)
    paced = summarise([FIRST, replace(LAST, last_frame_age_s=0.9)], settle_s=0.0)
    long = summarise([FIRST, replace(LAST, last_frame_age_s=9.0)], settle_s=0.0)
    assert frozen.freeze_ratio == pytest.approx(0.6)
    assert paced.freeze_ratio == pytest.approx(0.1)
    assert long.freeze_ratio == 1.0


@pytest.mark.parametrize("samples", [[], [FIRST]], ids=["none", "one"])
def test_too_few_samples_are_a_window_of_nothing(samples: list[StreamSample]) -> None:
    """Without two samples there is no delta, which is absent rather than 0 frames per second."""
    summary = summarise(samples, settle_s=0.0)
    assert summary.window_s == 0.0
    assert summary.frames_per_second is None
    assert summary.freeze_ratio is None
    assert judge(summary, Thresholds(), stimulated=True).grade is Grade.GOOD
