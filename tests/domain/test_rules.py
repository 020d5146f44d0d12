from dataclasses import replace
from typing import Any

import pytest

from prober.domain.finding import Grade, Rule, Verdict
from prober.domain.reasons import Reason
from prober.domain.rules import judge
from prober.domain.stream import StreamSummary
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
    looks=8,
    changed=True,
    paused=False,
    width=1280,
    height=720,
)


@pytest.mark.parametrize(
    ("changes", "reason", "grade", "fact"),
    [
        ({"paused": True}, Reason.PLAYBACK_BLOCKED, Grade.BAD, "482 frames were decoded while"),
        (
            {"disconnections": 1},
            Reason.ICE_FAILED,
            Grade.DEGRADED,
            "disconnections of ICE during the window: 1 (limit 0)",
        ),
        ({"disconnections": 2}, Reason.ICE_FAILED, Grade.BAD, "disconnections of ICE during the window: 2 (limit 1)"),
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
        "ICE lost once",
        "ICE flapping",
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
        {"disconnections": 0},
        {"frames_rendered": None, "frames_per_second": None, "uncounted": True},
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
        "never disconnected",
        "frames that nobody counts",
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


@pytest.mark.parametrize("stimulated", [True, False], ids=["stimulated", "idle"])
def test_a_picture_that_went_away_is_bad(stimulated: bool) -> None:  # noqa: FBT001 - a parameter
    """A page that reloads, or whose video element is gone, shows nothing: silence about frames is not health."""
    verdict = judge(replace(HEALTHY, frames_rendered=None, frames_per_second=None), Thresholds(), stimulated=stimulated)
    assert verdict.deciding is not None
    assert verdict.deciding.reason is Reason.FROZEN
    assert "went away" in verdict.deciding.fact


def test_a_page_that_began_anew_is_bad() -> None:
    """A reload within the window is one, however good the page was afterwards."""
    deciding = judge(replace(HEALTHY, anew=True), Thresholds(), stimulated=False).deciding
    assert deciding is not None
    assert deciding.rule is Rule.GONE


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"unchanged_s": 5.0}, Reason.FROZEN),
        ({"unchanged_s": 4.9}, None),
        ({"blank_s": 5.0}, Reason.BLACK_FRAMES),
        ({"blank_s": 4.9}, None),
        ({"blank_s": 6.0, "unchanged_s": 6.0}, Reason.BLACK_FRAMES),
    ],
    ids=["stood still", "a moment's rest", "went black", "a moment's black", "black is black, not frozen"],
)
def test_a_picture_that_fails_in_the_middle_is_bad(changes: dict[str, Any], reason: Reason | None) -> None:
    """A sound beginning does not excuse five seconds of nothing."""
    deciding = judge(replace(HEALTHY, **changes), Thresholds(), stimulated=True).deciding
    assert (deciding and deciding.reason) == reason


@pytest.mark.parametrize(
    ("changes", "rule", "value", "limit", "unit"),
    [
        ({"frames_rendered": None}, Rule.GONE, None, None, ""),
        ({"paused": True}, Rule.PLAYBACK_BLOCKED, 482.0, 0.0, "frames"),
        ({"disconnections": 3}, Rule.ICE_FLAPPING, 3, 1, "disconnections"),
        ({"last_frame_age_s": 6.0}, Rule.NO_FRAME, 6.0, 5.0, "seconds"),
        ({"frames_rendered": 0}, Rule.NO_FRAME, 8.0, 5.0, "seconds"),
        ({"unchanged_s": 5.5}, Rule.UNCHANGED, 5.5, 5.0, "seconds"),
        ({"luma": 3.0}, Rule.BLANK_PICTURE, 3.0, 20.0, "luma"),
        ({"blank_s": 6.0}, Rule.BLANK_STRETCH, 6.0, 5.0, "seconds"),
        ({"frames_per_second": 9.0}, Rule.FRAME_RATE, 9.0, 10.0, "frames_per_second"),
        ({"frames_per_second": 20.0}, Rule.FRAME_RATE, 20.0, 24.0, "frames_per_second"),
        ({"freeze_ratio": 0.5}, Rule.FREEZE_RATIO, 0.5, 0.3, "ratio"),
        ({"longest_gap_s": 2.0}, Rule.LONGEST_FREEZE, 2.0, 1.0, "seconds"),
        ({"packet_loss_ratio": 0.02}, Rule.PACKET_LOSS, 0.02, 0.01, "ratio"),
        ({"round_trip_s": 0.3}, Rule.ROUND_TRIP_TIME, 0.3, 0.25, "seconds"),
        ({"jitter_s": 0.3}, Rule.JITTER, 0.3, 0.2, "seconds"),
        ({"jitter_buffer_s": 0.3}, Rule.JITTER_BUFFER_DELAY, 0.3, 0.1, "seconds"),
    ],
    ids=lambda part: part.value if isinstance(part, Rule) else "",
)
def test_a_finding_names_rule_value_limit_unit_and_window(
    changes: dict[str, Any], rule: Rule, value: float | None, limit: float | None, unit: str
) -> None:
    """What a person or a program needs to see why a rule broke, without reading the words."""
    (finding,) = judge(replace(HEALTHY, **changes), Thresholds(), stimulated=True).findings
    assert (finding.rule, finding.value, finding.limit, finding.unit) == (rule, value, limit, unit)
    assert finding.reason is rule.reason
    assert finding.window_s == HEALTHY.window_s


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({"window_s": 3.0, "looks": 3}, 3.0),
        ({"window_s": 8.0, "looks": 3}, 5.0),
        ({"window_s": 3.0, "looks": 2}, None),
        ({"window_s": 8.0, "looks": 2, "unchanged_s": 7.0}, None),
        ({"window_s": 8.0, "looks": None}, None),
    ],
    ids=["short window", "long window", "few looks in a short one", "few looks", "no look"],
)
def test_stillness_takes_several_looks(changes: dict[str, Any], limit: float | None) -> None:
    """Two looks may meet a moving picture in one state; a window below the limit is judged whole, by its own length."""
    findings = judge(replace(HEALTHY, changed=False, **changes), Thresholds(), stimulated=True).findings
    assert [finding.limit for finding in findings] == ([] if limit is None else [limit])


def test_every_rule_has_its_own_lower_case_name() -> None:
    """Rules are published by name, so a name is a plain word that no other rule has."""
    assert all(rule.value == rule.name.lower() for rule in Rule)
