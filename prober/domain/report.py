"""The report of a run, in the one shape that logs, history, API and command line share.

`as_dict` gives the published form: snake_case, base units in the names, absent values left out.
"""

from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from prober.domain.aside import Aside
from prober.domain.errors import Fault
from prober.domain.evidence import Evidence, published
from prober.domain.finding import Finding
from prober.domain.ids import RunId, TargetName
from prober.domain.leftovers import Leftover
from prober.domain.listing import finding_as_dict, leftover_as_dict, present, step_as_dict
from prober.domain.opened import Opened
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.session import SessionRef
from prober.domain.steps import StepName, StepRecord
from prober.domain.stream import StreamSummary
from prober.domain.urls import bare


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPath:
    """The selected candidate pair: types host, srflx, prflx, relay; protocols udp, tcp, tls.

    Attributes:
        local: The type of the browser's candidate.
        remote: The type of the desktop's.
        protocol: By which protocol the browser's candidate sends.
        relay_protocol: By which protocol the browser speaks to its TURN server.
        relay_url: The TURN server that lent the browser's candidate, without credentials.
        ice_role: The browser's part in ICE: "controlling" or "controlled".
        ice_state: How ICE stood when it was asked for: "connected", "completed", ...
        dtls_state: The same of DTLS.
        tls_version: Of the DTLS handshake, such as "DTLS 1.2".
        dtls_cipher: Its cipher suite.
        srtp_cipher: The protection of the media.
    """

    local: str | None = None
    remote: str | None = None
    protocol: str | None = None
    relay_protocol: str | None = None
    relay_url: str | None = None
    ice_role: str | None = None
    ice_state: str | None = None
    dtls_state: str | None = None
    tls_version: str | None = None
    dtls_cipher: str | None = None
    srtp_cipher: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebrtcSummary:
    """The WebRTC part of a run; times in seconds, ratios 0 to 1, `None` where nothing was measured.

    What a figure of the observation window means stands with its namesake in `StreamSummary`; three have names of
    their own here, those that the metrics have: `round_trip_time_s`, `jitter_buffer_delay_s`, `frame_*_pixels`.
    """

    transport: str | None = None
    codec: str | None = None
    codec_parameters: str | None = None
    time_to_first_frame_s: float | None = None
    signalling_s: float | None = None
    ice_connect_s: float | None = None
    dtls_s: float | None = None
    frames_decoded: int | None = None
    frames_per_second: float | None = None
    frames_dropped_ratio: float | None = None
    round_trip_time_s: float | None = None
    jitter_s: float | None = None
    jitter_buffer_delay_s: float | None = None
    jitter_buffer_target_s: float | None = None
    jitter_buffer_minimum_s: float | None = None
    packet_loss_ratio: float | None = None
    retransmitted_ratio: float | None = None
    nacks_per_second: float | None = None
    plis_per_second: float | None = None
    firs_per_second: float | None = None
    freeze_ratio: float | None = None
    freezes: int | None = None
    pauses: int | None = None
    pauses_s: float | None = None
    longest_gap_s: float | None = None
    last_frame_age_s: float | None = None
    inter_frame_stdev_s: float | None = None
    decoder: str | None = None
    decoder_efficient: bool | None = None
    decode_s: float | None = None
    processing_s: float | None = None
    key_frames: int | None = None
    quantizer: float | None = None
    bits_per_pixel: float | None = None
    corruption_ratio: float | None = None
    bitrate_bits_per_second: float | None = None
    available_incoming_bits_per_second: float | None = None
    available_outgoing_bits_per_second: float | None = None
    frame_width_pixels: int | None = None
    frame_height_pixels: int | None = None
    path_changes: int | None = None
    disconnections: int | None = None
    audio_bitrate_bits_per_second: float | None = None
    audio_concealed_ratio: float | None = None
    audio_concealments: int | None = None
    audio_synthesized_s: float | None = None
    audio_energy_per_second: float | None = None
    audio_level: float | None = None
    audio_offset_s: float | None = None
    input_latency_p50_s: float | None = None
    input_latency_p95_s: float | None = None
    input_repetitions: int | None = None
    input_misses: int | None = None
    path: NetworkPath | None = None
    opened: Opened | None = None

    def with_stream(self, stream: StreamSummary) -> "WebrtcSummary":
        """Returns the summary with what an observation window came to."""
        names = {part.name for part in fields(self)} & {part.name for part in fields(stream)}
        return replace(
            self,
            round_trip_time_s=stream.round_trip_s,
            jitter_buffer_delay_s=stream.jitter_buffer_s,
            frame_width_pixels=stream.width,
            frame_height_pixels=stream.height,
            **{name: getattr(stream, name) for name in names},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLocation:
    """Where the run's session was."""

    cluster: str
    ref: SessionRef
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What became of one run.

    Attributes:
        run_id: Which run.
        target: Of which target.
        trigger: What made it begin.
        started_at: When it began, by the wall clock.
        duration_s: How long it took, in seconds.
        outcome: How it ended.
        steps: The steps that began, in order.
        step: The step that decided a non-success; `None` where it was none of them.
        fault: Why it was not a success.
        degraded: The warnings of a success, by reason.
        findings: The rules that stream or input broke, the deciding one of a failure included.
        webrtc: The WebRTC summary, once there was a peer connection.
        session: The session, once there was one.
        certificate_expires_at: When the URL's certificate ends.
        kubernetes: What the cluster showed when a fault of the target was met, before the teardown where the visit
            met it.
        kubernetes_left: What it showed after a teardown that failed too.
        children_left: What was left: the session itself, where it did not go, and its objects.
        children_kept: The objects that the platform retains by policy, as they were at the end.
        evidence: Where the evidence of the run is kept, as a URL; `None` where none is.
        aside: What it took to look around and to keep what was seen, beside the steps; `None` where nothing was done.
        earlier: The attempts before this one, each with its own times; a run that was not visited again has none.
        later: The attempts after this one, which tell nothing of the target: each erred or was cancelled.
    """

    run_id: RunId
    target: TargetName
    trigger: Trigger
    started_at: datetime
    duration_s: float
    outcome: Outcome
    steps: tuple[StepRecord, ...] = ()
    step: StepName | None = None
    fault: Fault | None = None
    degraded: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    webrtc: WebrtcSummary | None = None
    session: SessionLocation | None = None
    certificate_expires_at: datetime | None = None
    kubernetes: Evidence | None = None
    kubernetes_left: Evidence | None = None
    children_left: tuple[Leftover, ...] = ()
    children_kept: tuple[Leftover, ...] = ()
    evidence: str | None = None
    aside: Aside | None = None
    earlier: "tuple[RunReport, ...]" = ()
    later: "tuple[RunReport, ...]" = ()

    @property
    def flaky(self) -> bool:
        """Whether the run failed before it was a success."""
        return bool(self.earlier) and self.outcome is Outcome.SUCCESS

    @property
    def unaccounted_s(self) -> float:
        """Time of the run that neither a step nor what was done beside them accounts for, in seconds."""
        aside_s = self.aside.total_s() if self.aside else 0.0
        return max(0.0, self.duration_s - sum(step.duration_s for step in self.steps) - aside_s)


_OF_AN_ATTEMPT = (
    *("started_at", "duration_s", "outcome", "step", "layer", "reason", "summary", "facts", "considered"),
    *("findings", "steps", "session", "children_left"),
)
"""What is published of an attempt beside the one that decided."""


def as_dict(report: RunReport) -> dict[str, Any]:
    """Returns the published form of a report, ready for JSON."""
    fault = report.fault
    return present(
        {
            "run_id": report.run_id,
            "target": report.target,
            "trigger": report.trigger.value,
            "started_at": _timestamp(report.started_at),
            "duration_s": report.duration_s,
            "unaccounted_s": report.unaccounted_s,
            "aside": report.aside and present(asdict(report.aside)),
            "outcome": report.outcome.value,
            "step": report.step and report.step.value,
            "layer": fault and fault.layer.value,
            "reason": fault and fault.reason.value,
            "summary": fault and fault.summary,
            "facts": fault and (list(fault.facts) or None),
            "considered": fault and (list(fault.considered) or None),
            "evidence": report.evidence,
            "degraded": list(report.degraded),
            "findings": [finding_as_dict(finding) for finding in report.findings] or None,
            "flaky": report.flaky,
            "earlier": [_attempt(attempt) for attempt in report.earlier] or None,
            "later": [_attempt(attempt) for attempt in report.later] or None,
            "steps": [step_as_dict(step) for step in report.steps],
            "webrtc": report.webrtc and present(asdict(report.webrtc)),
            "session": report.session and _session(report.session),
            "kubernetes": report.kubernetes and _evidence(report.kubernetes),
            "kubernetes_left": report.kubernetes_left and _evidence(report.kubernetes_left),
            "children_left": [leftover_as_dict(child) for child in report.children_left] or None,
            "children_kept": [leftover_as_dict(child) for child in report.children_kept] or None,
        }
    )


def _attempt(report: RunReport) -> dict[str, Any]:
    """Returns the published form of another attempt: what became of it, step by step."""
    whole = as_dict(report)
    return {name: whole[name] for name in _OF_AN_ATTEMPT if name in whole}


def _session(location: SessionLocation) -> dict[str, Any]:
    return present(
        {
            "cluster": location.cluster,
            "namespace": location.ref.namespace,
            "name": location.ref.name,
            "url": location.url and bare(location.url),
        }
    )


def _evidence(evidence: Evidence) -> dict[str, Any]:
    taken_at = evidence.taken_at and _timestamp(evidence.taken_at)
    return present({"taken_at": taken_at, **published(evidence)})


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
