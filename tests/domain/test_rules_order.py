"""Which of several broken rules decides."""

from dataclasses import replace
from typing import Any

import pytest

from prober.domain.finding import Finding, Rule, Verdict
from prober.domain.reasons import Reason
from prober.domain.rules import judge
from prober.domain.thresholds import Thresholds
from tests.domain.test_rules import HEALTHY


def test_the_first_bad_finding_decides_and_the_others_warn() -> None:
    """Findings stand in order of blame: the first bad one decided, those that are not bad are warnings."""
    findings = (
        Finding(rule=Rule.FRAME_RATE, bad=False, fact="few"),
        Finding(rule=Rule.PACKET_LOSS, bad=True, fact="loss"),
        Finding(rule=Rule.ROUND_TRIP_TIME, bad=True, fact="far"),
    )
    verdict = Verdict(findings=findings)
    assert verdict.deciding is findings[1]
    assert verdict.warnings == ("low_fps",)


def test_two_rules_of_one_reason_warn_once() -> None:
    """Jitter and jitter buffer have one reason: a run is degraded by it, not twice by it."""
    verdict = judge(replace(HEALTHY, jitter_s=0.05, jitter_buffer_s=0.2), Thresholds(), stimulated=True)
    assert len(verdict.findings) == 2
    assert verdict.warnings == ("high_jitter",)


@pytest.mark.parametrize(
    ("changes", "stimulated", "deciding"),
    [
        ({"disconnections": 1, "last_frame_age_s": 6.0}, True, Reason.ICE_FAILED),
        ({"disconnections": 1, "freeze_ratio": 0.5}, True, Reason.ICE_FAILED),
        ({"disconnections": 0, "last_frame_age_s": 6.0}, True, Reason.FROZEN),
        ({"disconnections": 1, "longest_gap_s": 2.0}, True, None),
        ({"disconnections": 1, "last_frame_age_s": 6.0}, False, None),
        ({"disconnections": 2, "paused": True}, True, Reason.PLAYBACK_BLOCKED),
        ({"disconnections": 1, "frames_rendered": None}, False, Reason.ICE_FAILED),
        ({"disconnections": 2, "frames_rendered": None}, True, Reason.ICE_FAILED),
    ],
    ids=[
        "no frame after it",
        "frozen after it",
        "no frame without it",
        "a short freeze",
        "idle",
        "paused",
        "video taken away",
        "video taken away after the second",
    ],
)
def test_a_lost_path_explains_the_standstill_that_follows(
    changes: dict[str, Any],
    stimulated: bool,  # noqa: FBT001 - a parameter of the test
    deciding: Reason | None,
) -> None:
    """One loss of ICE alone warns; with a picture that stood still it is the cause, and decides."""
    rule = judge(replace(HEALTHY, **changes), Thresholds(), stimulated=stimulated).deciding
    assert (rule and rule.reason) == deciding


def test_a_lost_path_is_told_with_the_standstill() -> None:
    """The fact that decides has both: what was lost, and what a user saw of it."""
    stream = replace(HEALTHY, disconnections=1, last_frame_age_s=6.0)
    deciding = judge(stream, Thresholds(), stimulated=True).deciding
    assert deciding is not None
    assert deciding.fact.startswith("disconnections of ICE during the window: 1 (limit 0); no rendered frame for 6.0 s")


def test_the_network_is_blamed_before_what_it_causes() -> None:
    """Loss comes before the freezes that it makes, freezes before the low rate that they make."""
    summary = replace(HEALTHY, packet_loss_ratio=0.2, freeze_ratio=0.5, frames_per_second=3.0)
    findings = judge(summary, Thresholds(), stimulated=True).findings
    assert [finding.rule for finding in findings] == [Rule.PACKET_LOSS, Rule.FREEZE_RATIO, Rule.FRAME_RATE]
