"""What a run on a sound desktop has to measure, on a machine that may be busy with other things."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

Report = Mapping[str, Any]
"""One run, as it is printed."""

LEAST_RATE = 20
"""Frames per second, under a stimulus."""

LATENCY_S = (0.005, 0.150)
"""Where the median from input to pixel lies, in seconds."""

_SLOW = frozenset({"frozen", "low_fps", "high_jitter", "high_rtt", "input_slow"})
"""The reasons that a machine without time gives a sound desktop."""


def measure(attempt: Callable[[], T], *, reports: Callable[[T], Iterable[Report]]) -> T:
    """Makes an attempt, and a second one where the machine had no time for the first.

    Only figures are forgiven once: a run that fails for another reason has its say.
    """
    first = attempt()
    return attempt() if any(_was_slow(report) for report in reports(first)) else first


def assert_brisk(report: Report, *, codec: str) -> None:
    """Fails unless the run was a success, over WebRTC, smooth, quick to react."""
    assert report["outcome"] == "success", report
    webrtc = report["webrtc"]
    assert (webrtc["transport"], webrtc["codec"]) == ("webrtc_video", codec)
    assert webrtc["frames_per_second"] > LEAST_RATE, webrtc
    lowest, highest = LATENCY_S
    assert lowest <= webrtc["input_latency_p50_s"] <= highest, webrtc


def _was_slow(report: Report) -> bool:
    if report.get("reason"):
        return report["reason"] in _SLOW
    rate, latency_s = (report["webrtc"].get(name) for name in ("frames_per_second", "input_latency_p50_s"))
    return bool((rate is not None and rate <= LEAST_RATE) or (latency_s is not None and latency_s > LATENCY_S[1]))
