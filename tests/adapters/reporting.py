"""Targets and reports for the tests of what looks at them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from prober.domain.errors import Fault
from prober.domain.ids import ClusterName, RunId, TargetName
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath, RunReport, SessionLocation, WebrtcSummary
from prober.domain.session import SessionRef
from prober.domain.steps import StepName, StepRecord
from prober.domain.target import SessionTemplate, Target

STARTED_AT = datetime(2026, 11, 22, 9, 40, 19, 123000, tzinfo=UTC)

WEBRTC = WebrtcSummary(
    transport="webrtc_video",
    codec="H264",
    time_to_first_frame_s=0.84,
    signalling_s=0.05,
    ice_connect_s=0.06,
    dtls_s=0.07,
    frames_per_second=54.1,
    frames_dropped_ratio=0.01,
    round_trip_time_s=0.002,
    jitter_s=0.004,
    jitter_buffer_delay_s=0.03,
    packet_loss_ratio=0.0,
    freeze_ratio=0.0,
    bitrate_bits_per_second=4e6,
    frame_height_pixels=720,
    input_latency_p50_s=0.041,
    input_latency_p95_s=0.06,
    path=NetworkPath(local="host", remote="host", protocol="udp"),
)


def make_target(name: str = "ubuntu", **changes: Any) -> Target:
    """Makes a target."""
    session = SessionTemplate(
        cluster=ClusterName("staging"), namespace="vdi", user="probe@example.com", template="ubuntu-desktop"
    )
    return replace(Target(name=TargetName(name), session=session), **changes)


def make_step(name: StepName, outcome: Outcome = Outcome.SUCCESS, **changes: Any) -> StepRecord:
    """Makes a step that took 0.2 s."""
    return replace(StepRecord(name=name, outcome=outcome, start_s=0.0, duration_s=0.2), **changes)


def make_report(outcome: Outcome = Outcome.SUCCESS, *, target: str = "ubuntu", **changes: Any) -> RunReport:
    """Makes the report of a run whose ten steps all succeeded."""
    report = RunReport(
        run_id=RunId("0198aaaa-0000-7000-8000-000000000001"),
        target=TargetName(target),
        trigger=Trigger.SCHEDULE,
        started_at=STARTED_AT,
        duration_s=14.2,
        outcome=outcome,
        steps=tuple(make_step(name) for name in StepName),
        webrtc=WEBRTC,
        session=SessionLocation(
            cluster="staging", ref=SessionRef(namespace="vdi", name="probe-abc", uid="u1"), url="https://d.example.com"
        ),
    )
    return replace(report, **changes)


def make_failure(reason: Reason, step: StepName | None, **changes: Any) -> RunReport:
    """Makes the report of a run that one step ended, or none of them."""
    fault = Fault(reason=reason, summary=f"it was {reason}")
    outcome = Outcome.ERROR if reason.layer == "prober" else Outcome.FAILURE
    steps = (make_step(step, outcome, fault=fault),) if step else ()
    return replace(make_report(outcome, step=step, fault=fault, steps=steps, webrtc=None), **changes)
