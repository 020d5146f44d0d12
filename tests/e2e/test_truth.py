"""The prober's measurements against the lab's ground truth."""

import json
import statistics
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

from prober.domain.quantiles import quantile
from prober.lab.stream_faults import REACTION_S
from tests.e2e.conftest import RunningLab, run_prober

pytestmark = pytest.mark.browser

Json = Mapping[str, Any]

DESKTOPS = [f"desktop-{number}" for number in range(1, 6)]
SOUND = ["sound-1", "sound-2", "sound-3"]
LATE = ["late-1", "late-2", "late-3"]
LOSSY = ["lossy-1", "lossy-2", "lossy-3"]

ALLOWED_S = 0.020
"""What the measurement may be off, in seconds, at the median of the runs."""

ALLOWED_CONNECTING_S = 0.050
"""The same of connecting, which two processes time, each at its own end: what each waits for the processor is part of
the difference. On a machine that does nothing else it was 14 ms."""

ALLOWED_FRAME_S = 0.034
"""What an injected delay may be off, in seconds: the desktop lets late events happen with its frames, 30 a second."""

ALLOWED_RATE = 0.1
"""How far the frame rate may be off, as a share of the true one: the truth counts the connection's whole life, the
measurement its window."""

ALLOWED_LOSS = 0.02
"""How far the loss may be off: some hundred lost packets of some thousand, in a window and over the whole life."""


def truth_of(report: Json) -> dict[str, Any]:
    url = urlsplit(report["session"]["url"])
    address = f"{url.scheme}://{url.netloc}/_lab/truth/{report['session']['name']}"
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - the lab's own loopback address
        content: dict[str, Any] = json.load(answer)
        return content


def timing(report: Json, step: str, name: str) -> float:
    (found,) = [record for record in report["steps"] if record["name"] == step]
    return float(found["timings"][name])


def first_frame_s(report: Json, truth: Json, *, end: str = "first_frame_displayed") -> tuple[float, float]:
    """From the page's first byte, as the truth counts: what came before, the desktop did not see."""
    peer = truth["peers"][-1]
    served = max(at for at in truth["pages_served"] if at <= peer["opened"])
    measured = report["webrtc"]["time_to_first_frame_s"] - timing(report, "login", "first_byte")
    return measured, peer[end] - served


def connect_s(report: Json, truth: Json) -> tuple[float, float]:
    """From the answer, when both sides begin to check, to the end of DTLS, which both see at once.

    Between them the sides differ rightly: the browser is connected by its own check, the desktop by its nomination.
    """
    peer = truth["peers"][-1]
    measured = report["webrtc"]["ice_connect_s"] + report["webrtc"]["dtls_s"]
    return measured, peer["dtls_connected"] - peer["answer"]


def input_s(report: Json, truth: Json) -> tuple[float, float]:
    """From the press to the display of the first frame that the desktop knows to show its effect."""
    return report["webrtc"]["input_latency_p50_s"], _median_s(truth, "pressed", "displayed")


def input_at_the_desktop_s(report: Json, truth: Json) -> tuple[float, float]:
    """Against what the desktop alone takes: from hearing of the press to sending that frame."""
    return report["webrtc"]["input_latency_p50_s"], _median_s(truth, "received", "frame_sent")


def _median_s(truth: Json, begin: str, end: str) -> float:
    clicks = [entry for entry in truth["inputs"] if entry["kind"] == "pointerdown"]
    times = [float(entry[end] - entry[begin]) for entry in clicks if None not in (entry[end], entry[begin])]
    assert len(times) >= len(clicks) / 2 > 0, clicks
    return statistics.median(times)


def frame_rate(report: Json, truth: Json) -> tuple[float, float]:
    peer = truth["peers"][-1]
    true = peer["frames_sent"] / (peer["closed"] - peer["first_frame_sent"])
    return report["webrtc"]["frames_per_second"] / true, 1.0


def loss(report: Json, truth: Json) -> tuple[float, float]:
    peer = truth["peers"][-1]
    return report["webrtc"]["packet_loss_ratio"], peer["packets_lost"] / peer["packets_sent"]


def compared(
    name: str, figure: Callable[[Json, Json], tuple[float, float]], reports: Sequence[Json], tell: list[str]
) -> float:
    """Tells each measured and true figure, and returns the median error."""
    pairs = [figure(report, truth_of(report)) for report in reports]
    errors = [abs(measured - true) for measured, true in pairs]
    median, p95 = statistics.median(errors), quantile(errors, 0.95)
    figures = ", ".join(f"{measured:.3f}/{true:.3f}" for measured, true in pairs)
    tell.append(f"{name:16} median error {median:.3f}, p95 {p95:.3f}; measured/true: {figures}")
    return median


def probed(lab: RunningLab, targets: Mapping[str, Json]) -> list[Json]:
    """Returns the reports of runs made by one process, one after the other, as the service makes them."""
    config = str(lab.configs(targets, concurrency=1))
    done = run_prober("run", *targets, "--config", config, "--output", "json", timeout_s=300)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert {report["target"] for report in reports} == set(targets), done.stderr
    return reports


@pytest.mark.timeout(400)
def test_times_agree_with_the_truth(lab: RunningLab, findings: list[str]) -> None:
    """Times to first frame, of connecting and from input to pixel are those of the truth, at the median of the runs."""
    reports = probed(lab, {name: {"input": {"repetitions": 5}} for name in DESKTOPS})
    assert [report["outcome"] for report in reports] == ["success"] * len(DESKTOPS), reports
    findings.append("accuracy against the lab's ground truth, in seconds:")
    assert compared("first frame", first_frame_s, reports, findings) <= ALLOWED_S
    assert compared("input to pixel", input_s, reports, findings) <= ALLOWED_S
    assert compared("ICE and DTLS", connect_s, reports, findings) <= ALLOWED_CONNECTING_S
    findings.append("against what the desktop alone took, which ends where a frame is sent, in seconds:")
    compared("first frame", partial(first_frame_s, end="first_frame_sent"), reports, findings)
    compared("input to pixel", input_at_the_desktop_s, reports, findings)


def test_a_desktop_that_reacts_late_is_told_to_be_as_late(lab: RunningLab, findings: list[str]) -> None:
    """What the desktop delays its reaction by is what input to pixel grows by: all that lies between cancels out."""
    base = {"stream": {"window": "2s", "settle": "500ms"}, "input": {"repetitions": 5}}
    late = {**base, "fault": "input_slow"}
    reports = probed(lab, {**dict.fromkeys(SOUND, base), **dict.fromkeys(LATE, late)})
    sound, slow = ([report for report in reports if report["target"] in names] for names in (SOUND, LATE))
    assert {report["reason"] for report in slow} == {"input_slow"}, slow
    base_s, slow_s = (statistics.median(r["webrtc"]["input_latency_p50_s"] for r in some) for some in (sound, slow))
    error_s = abs(slow_s - base_s - REACTION_S)
    findings.append(f"input to pixel   {slow_s - base_s:.3f} s more where {REACTION_S:.3f} s were injected")
    assert error_s <= ALLOWED_FRAME_S


def test_rates_agree_with_the_truth(lab: RunningLab, findings: list[str]) -> None:
    """The frame rate is that of the frames sent, the loss is that which was injected."""
    base = {"stream": {"window": "5s", "settle": "1s"}, "input": False}
    faulty = {**base, "fault": "lossy"}
    reports = probed(lab, {**dict.fromkeys(SOUND, base), **dict.fromkeys(LOSSY, faulty)})
    sound = [report for report in reports if report["target"] in SOUND]
    lossy = [report for report in reports if report["target"] in LOSSY]
    assert {report["outcome"] for report in sound} == {"success"}, sound
    assert {report["reason"] for report in lossy} == {"high_loss"}, lossy
    findings.append("accuracy against the lab's ground truth, frame rate as a share of the true one, loss as a ratio:")
    assert compared("frame rate", frame_rate, sound, findings) <= ALLOWED_RATE
    assert compared("loss", loss, lossy, findings) <= ALLOWED_LOSS
