import pytest

from prober.domain.checks import (
    REMEMBER_S,
    CheckName,
    CheckPlan,
    Interruption,
    ReconnectPlan,
    judge_audio,
    judge_resolution,
    not_reconnected,
    reconnected,
)
from prober.domain.errors import Fault
from prober.domain.reasons import Reason
from prober.domain.stream import StreamSummary


@pytest.mark.parametrize(
    ("summary", "passed", "fact"),
    [
        (StreamSummary(window_s=8), False, "no audio arrived"),
        (StreamSummary(window_s=8, audio_bytes=0, audio_energy_per_second=0.2), False, "no audio arrived"),
        (StreamSummary(window_s=8, audio_bytes=9000, audio_energy_per_second=0.0), False, "it is silence"),
        (StreamSummary(window_s=8, audio_bytes=9000, audio_energy_per_second=1e-9), False, "it is silence"),
        (StreamSummary(window_s=8, audio_bytes=9000, audio_energy_per_second=1e-3), True, "sound arrives"),
        (
            StreamSummary(window_s=8, audio_bytes=9000, audio_energy_per_second=0.1, audio_concealed_ratio=0.0312),
            True,
            "sound arrives, 3.1% of it made up to fill gaps",
        ),
        (StreamSummary(window_s=8, audio_bytes=9000), True, "does not tell how loud"),
        (StreamSummary(window_s=8, audio_told=True), True, "began anew during the window"),
    ],
    ids=[
        "no track",
        "no packet",
        "silence",
        "rounded silence",
        "a tone",
        "a tone with gaps",
        "energy unsaid",
        "counted anew",
    ],
)
def test_sound_must_have_energy(summary: StreamSummary, passed: bool, fact: str) -> None:  # noqa: FBT001 - a parameter
    """Audio counts when packets come and are not silent; made-up samples are told."""
    result = judge_audio(summary)
    assert (result.name, result.passed) == (CheckName.AUDIO, passed)
    assert fact in result.fact
    assert (result.fault and result.fault.reason) == (None if passed else Reason.AUDIO_MISSING)


@pytest.mark.parametrize(
    ("plan", "size", "passed"),
    [
        (CheckPlan(least_width=1280, least_height=720), (1280, 720), True),
        (CheckPlan(least_width=1280, least_height=720), (1280, 718), False),
        (CheckPlan(least_width=1280, least_height=720), (640, 720), False),
        (CheckPlan(least_height=720), (640, 720), True),
        (CheckPlan(least_width=1280), (None, None), False),
        (CheckPlan(), (None, None), True),
    ],
    ids=["exactly", "too low", "too narrow", "height alone", "unknown", "nothing asked"],
)
def test_the_picture_must_have_the_pixels_asked_for(
    plan: CheckPlan,
    size: tuple[int | None, int | None],
    passed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A side below what is asked for, or of unknown size, is `low_resolution`."""
    result = judge_resolution(StreamSummary(window_s=8, width=size[0], height=size[1]), plan)
    assert (result.name, result.passed) == (CheckName.RESOLUTION, passed)
    assert (result.fault and result.fault.reason) == (None if passed else Reason.LOW_RESOLUTION)


def test_a_small_picture_is_named_beside_what_is_asked_for() -> None:
    """The summary has both sizes, the fact the one that was seen."""
    result = judge_resolution(StreamSummary(window_s=8, width=640, height=360), CheckPlan(least_height=720))
    assert result.fact == "the picture is 640x360"
    assert result.fault is not None
    assert result.fault.summary == "the picture is 640x360, not at least 720 pixels high"


def test_a_reconnect_is_told_with_its_duration() -> None:
    """A pass says how long it took, a failure carries the fault that kept the desktop away."""
    passed = reconnected(duration_s=2.34)
    assert (passed.passed, passed.duration_s) == (True, 2.34)
    assert passed.fact == "the same desktop showed again after 2.3 s"
    other = reconnected(duration_s=2.34, not_compared="it moves")
    assert (other.passed, other.fact.endswith("not told: it moves")) == (True, True)
    fault = Fault(reason=Reason.HOST_COLLISION, summary="another desktop")
    missed = not_reconnected(fault, duration_s=15.0)
    assert (missed.passed, missed.fault, missed.duration_s) == (False, fault, 15.0)


@pytest.mark.parametrize(
    ("plan", "longest", "outages"),
    [
        (CheckPlan(audio=True), 0.0, False),
        (CheckPlan(reconnect=ReconnectPlan(within_s=10, outage_s=4)), REMEMBER_S + 10.0, False),
        (CheckPlan(reconnect=ReconnectPlan(by=Interruption.NETWORK, within_s=10, outage_s=4)), REMEMBER_S + 14.0, True),
    ],
    ids=["in the window", "reload", "outage"],
)
def test_checks_take_time_beyond_the_window_only_to_reconnect(
    plan: CheckPlan,
    longest: float,
    outages: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """An outage is part of what the check takes, a reload has none."""
    assert plan.longest_s() == longest
    assert plan.needs_outages is outages
