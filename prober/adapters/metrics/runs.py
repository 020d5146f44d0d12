"""What a finished run's report means in metrics.

By outcome:

- `success` and `failure` say something of the target: they set the gauges of the last run.
- `error` is our own fault. The success gauges are removed, for 1 would be a lie and 0 would blame the target; the last
  run's timestamp moves, for the prober is alive. Alerts on our errors read `vdi_probe_runs_total`.
- `cancelled` says nothing of anybody: it is counted, and every gauge stays as it was.

Durations are those of successes only. A step that fails fast would make its latency look good, one that fails at its
deadline would show the budget; failures have counters of their own.
"""

from datetime import timedelta

from prober.adapters.metrics import catalog
from prober.adapters.metrics.instruments import Instruments
from prober.domain.outcomes import Outcome
from prober.domain.report import RunReport, WebrtcSummary
from prober.domain.steps import StepName, StepRecord

CONNECTION_OUTCOMES = (Outcome.SUCCESS, Outcome.FAILURE, Outcome.ERROR)
"""How an attempt to connect can end; one that was cancelled was none."""

NO_STEP = ""
"""The `step` label of a run that no step decided: Prometheus treats an empty label as an absent one."""


def record_run(instruments: Instruments, report: RunReport) -> None:
    """Feeds all metrics of one run."""
    instruments.count(catalog.RUNS, report.target, report.outcome)
    if report.flaky:
        instruments.count(catalog.FLAKY_RUNS, report.target)
    for attempt in (*report.earlier, report, *report.later):
        _record_fault(instruments, attempt)
    for step in report.steps:
        _record_step(instruments, report, step)
    for child in report.children_left:
        instruments.count(catalog.CHILDREN_LEFT, report.target, child.kind)
    if report.outcome is not Outcome.CANCELLED:
        _record_last_run(instruments, report)
        _record_webrtc(instruments, report.target, report.webrtc or WebrtcSummary())


def _record_fault(instruments: Instruments, report: RunReport) -> None:
    if report.fault is None:
        return
    step = report.step.value if report.step else NO_STEP
    fault = report.fault
    instruments.count(
        catalog.FAILURES, report.target, step, fault.layer, fault.reason, exemplar={"run_id": report.run_id}
    )


def _record_step(instruments: Instruments, report: RunReport, step: StepRecord) -> None:
    if step.outcome is Outcome.SUCCESS:
        exemplar = {"run_id": report.run_id}
        instruments.observe(catalog.STEP_DURATION, step.duration_s, report.target, step.name, exemplar=exemplar)
    if step.outcome is Outcome.FAILURE:
        instruments.count(catalog.STEP_FAILURES, report.target, step.name)
    if step.name is StepName.CONNECT and step.outcome in CONNECTION_OUTCOMES:
        instruments.count(catalog.CONNECTIONS, report.target, step.outcome)
    if step.name is StepName.URL and step.outcome is Outcome.SUCCESS:
        # Only then was there an answer; at other times the certificate last seen is still the best that is known.
        expiry = report.certificate_expires_at
        instruments.set(catalog.CERTIFICATE_EXPIRY, expiry.timestamp() if expiry else None, report.target)


def _record_last_run(instruments: Instruments, report: RunReport) -> None:
    target, succeeded = report.target, report.outcome is Outcome.SUCCESS
    ended = (report.started_at + timedelta(seconds=report.duration_s)).timestamp()
    blameless = report.outcome is not Outcome.ERROR
    success = float(succeeded) if blameless else None
    instruments.set(catalog.SUCCESS, success, target)
    instruments.set(catalog.BLACKBOX_SUCCESS, success, target)
    instruments.set(catalog.BLACKBOX_DURATION, report.duration_s if blameless else None, target)
    instruments.set(catalog.DEGRADED, float(succeeded and bool(report.degraded)) if blameless else None, target)
    instruments.set(catalog.LAST_RUN, ended, target)
    if succeeded:
        instruments.set(catalog.LAST_SUCCESS, ended, target)
        instruments.observe(catalog.RUN_DURATION, report.duration_s, target, exemplar={"run_id": report.run_id})


def _record_webrtc(instruments: Instruments, target: str, webrtc: WebrtcSummary) -> None:
    instruments.observe(catalog.FIRST_FRAME, webrtc.time_to_first_frame_s, target)
    instruments.observe(catalog.ICE_CONNECT, webrtc.ice_connect_s, target)
    instruments.observe(catalog.DTLS, webrtc.dtls_s, target)
    instruments.observe(catalog.SIGNALLING, webrtc.signalling_s, target)
    instruments.observe(catalog.ROUND_TRIP, webrtc.round_trip_time_s, target)
    instruments.observe(catalog.JITTER, webrtc.jitter_s, target)
    instruments.observe(catalog.JITTER_BUFFER, webrtc.jitter_buffer_delay_s, target)
    instruments.observe(catalog.INPUT_LATENCY, webrtc.input_latency_p50_s, target)
    instruments.set(catalog.FRAME_RATE, webrtc.frames_per_second, target)
    instruments.set(catalog.PACKET_LOSS, webrtc.packet_loss_ratio, target)
    instruments.set(catalog.FRAMES_DROPPED, webrtc.frames_dropped_ratio, target)
    instruments.set(catalog.FREEZE, webrtc.freeze_ratio, target)
    instruments.set(catalog.BITRATE, webrtc.bitrate_bits_per_second, target)
    instruments.set(catalog.FRAME_HEIGHT, webrtc.frame_height_pixels, target)
    facts = _path(webrtc)
    if any(facts.values()):
        instruments.describe(catalog.PATH, facts, target)
    else:
        instruments.remove(catalog.PATH, target)


def _path(webrtc: WebrtcSummary) -> dict[str, str]:
    path = webrtc.path
    return {
        "local_candidate": (path and path.local) or "",
        "remote_candidate": (path and path.remote) or "",
        "protocol": (path and path.protocol) or "",
        "relay_protocol": (path and path.relay_protocol) or "",
        "codec": webrtc.codec or "",
        "transport": webrtc.transport or "",
    }
