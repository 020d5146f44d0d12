"""What a finished run's report means in metrics.

By outcome:

- `success` and `failure` say something of the target: they set the gauges of the last run.
- `error` is our own fault. The success gauges are removed, for 1 would be a lie and 0 would blame the target, and so
  are those of the stream: a prober that was starved measures itself. The last run's timestamp moves, for the prober is
  alive. Alerts on our errors read `vdi_probe_runs_total`.
- `cancelled` says nothing of anybody: it is counted, and every gauge stays as it was.

What failed and what was left is counted of every attempt of a run, whichever decided: each made a session. The rest is
that of the attempt which decided.

Durations are those of successes only. A step that fails fast would make its latency look good, one that fails at its
deadline would show the budget; failures have counters of their own. Nothing is timed of a run that says nothing of the
target.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from prober.adapters.metrics import measured
from prober.adapters.metrics.bounds import Bound
from prober.adapters.metrics.instruments import Instruments
from prober.domain.ids import trace_id
from prober.domain.leftovers import Leftover
from prober.domain.outcomes import Outcome
from prober.domain.report import RunReport, WebrtcSummary
from prober.domain.steps import StepName, StepRecord

CONNECTION_OUTCOMES = (Outcome.SUCCESS, Outcome.FAILURE, Outcome.ERROR)
"""How an attempt to connect can end; one that was cancelled was none."""

ON_TIME, LATE = "on_time", "late"
"""How fast a start was, against its objective."""

NO_STEP = ""
"""The `step` label of a run that no step decided: Prometheus treats an empty label as an absent one."""

_OF_THE_TARGET = frozenset({Outcome.SUCCESS, Outcome.FAILURE})
"""The outcomes that say something of the target: a prober that was starved waits longer than its users."""

MOST_FAILURES = 64
"""How many combinations of step, layer and reason a target may have series of; there are hundreds."""

NO_REASON = ""
"""The `reason` label of what is counted by its layer alone, once a target has shown so many combinations."""

CHILD_KINDS = ("Pod", "PersistentVolumeClaim", "Service", "IngressRoute")
"""The kinds that the platform makes for a session; another one's series begins when it is found left."""

MOST_KINDS = 8
"""How many kinds of objects a target may have series of: those above, the session's own, and few more."""

OTHER_KIND = "other"
"""The `kind` label of all further ones."""


class RunMetrics:
    """Feeds what runs and sweeps find into the metrics.

    Args:
        instruments: The metrics.

    Attributes:
        traced: Whether runs are sent as traces too.
    """

    def __init__(self, instruments: Instruments) -> None:
        self._instruments = instruments
        self._failures = Bound(MOST_FAILURES)
        self._kinds = Bound(MOST_KINDS)
        self.traced = False

    def reveal_kinds(self, target: str) -> None:
        """Makes the series of the platform's own kinds exist."""
        for kind in CHILD_KINDS:
            self._instruments.reveal(measured.CHILDREN_LEFT, target, self._kind(target, kind))

    def forget(self, target: str) -> None:
        """Begins anew with a target, of which the series are gone."""
        self._failures.forget(target)
        self._kinds.forget(target)

    def record(self, report: RunReport, *, start_within_s: float | None) -> None:
        """Feeds all metrics of one run.

        Args:
            report: The run.
            start_within_s: How soon the target's desktops are to be there, in seconds; `None` without such an
                objective.
        """
        instruments, exemplar = self._instruments, self._exemplar(report)
        instruments.count(measured.RUNS, report.target, report.outcome)
        if report.flaky:
            instruments.count(measured.FLAKY_RUNS, report.target)
        for attempt in (*report.earlier, report, *report.later):
            self._record_fault(attempt)
            self.record_left(report.target, attempt.children_left)
            for step in attempt.steps:
                if step.outcome is Outcome.FAILURE:
                    instruments.count(measured.STEP_FAILURES, report.target, step.name)
        for step in report.steps:
            _record_step(instruments, report, step, exemplar=exemplar)
        if report.outcome is not Outcome.CANCELLED:
            _record_last_run(instruments, report, exemplar=exemplar)
            told = report.webrtc if report.outcome in _OF_THE_TARGET else None
            _record_webrtc(instruments, report.target, told or WebrtcSummary())
        if report.outcome in _OF_THE_TARGET:
            _record_start(instruments, report, within_s=start_within_s, exemplar=exemplar)

    def record_left(self, target: str, objects: Iterable[Leftover]) -> None:
        """Counts objects that outlived their session."""
        for left in objects:
            self._instruments.count(measured.CHILDREN_LEFT, target, self._kind(target, left.kind))

    def _kind(self, target: str, kind: str) -> str:
        return kind if self._kinds.takes(target, kind) else OTHER_KIND

    def _record_fault(self, report: RunReport) -> None:
        if report.fault is None:
            return
        step, layer, reason = report.step or NO_STEP, report.fault.layer, str(report.fault.reason)
        if not self._failures.takes(report.target, step, layer, reason):
            step, reason = NO_STEP, NO_REASON
        exemplar = self._exemplar(report)
        self._instruments.count(measured.FAILURES, report.target, step, layer, reason, exemplar=exemplar)

    def _exemplar(self, report: RunReport) -> dict[str, str]:
        return {"run_id": report.run_id, **({"trace_id": trace_id(report.run_id)} if self.traced else {})}


def _record_step(instruments: Instruments, report: RunReport, step: StepRecord, *, exemplar: Mapping[str, str]) -> None:
    if step.outcome is Outcome.SUCCESS and report.outcome in _OF_THE_TARGET:
        instruments.observe(measured.STEP_DURATION, step.duration_s, report.target, step.name, exemplar=exemplar)
    if step.name is StepName.CONNECT and step.outcome in CONNECTION_OUTCOMES:
        instruments.count(measured.CONNECTIONS, report.target, step.outcome)
    if step.name is StepName.URL and step.outcome is Outcome.SUCCESS:
        # Only then was there an answer; at other times the certificate last seen is still the best that is known.
        expiry = report.certificate_expires_at
        instruments.set(measured.CERTIFICATE_EXPIRY, expiry.timestamp() if expiry else None, report.target)


def _record_last_run(instruments: Instruments, report: RunReport, *, exemplar: Mapping[str, str]) -> None:
    target, succeeded = report.target, report.outcome is Outcome.SUCCESS
    ended = (report.started_at + timedelta(seconds=report.duration_s)).timestamp()
    blameless = report.outcome is not Outcome.ERROR
    success = float(succeeded) if blameless else None
    instruments.set(measured.SUCCESS, success, target)
    instruments.set(measured.BLACKBOX_SUCCESS, success, target)
    instruments.set(measured.BLACKBOX_DURATION, report.duration_s if blameless else None, target)
    instruments.set(measured.DEGRADED, float(succeeded and bool(report.degraded)) if blameless else None, target)
    instruments.set(measured.LAST_RUN, ended, target)
    if succeeded:
        instruments.set(measured.LAST_SUCCESS, ended, target)
        instruments.observe(measured.RUN_DURATION, report.duration_s, target, exemplar=exemplar)


def _record_start(
    instruments: Instruments, report: RunReport, *, within_s: float | None, exemplar: Mapping[str, str]
) -> None:
    """Counts the start of the run's last attempt: one visit, one wait."""
    steps = {step.name: step for step in report.steps}
    asked, shown = steps.get(StepName.CREATE), steps.get(StepName.FIRST_FRAME)
    if asked is None or shown is None or shown.outcome is not Outcome.SUCCESS:
        return
    waited_s = shown.start_s + shown.duration_s - asked.start_s
    instruments.observe(measured.SESSION_START, waited_s, report.target, exemplar=exemplar)
    if within_s is not None:
        instruments.count(measured.SESSION_STARTS, report.target, ON_TIME if waited_s <= within_s else LATE)


def _record_webrtc(instruments: Instruments, target: str, webrtc: WebrtcSummary) -> None:
    instruments.observe(measured.FIRST_FRAME, webrtc.time_to_first_frame_s, target)
    instruments.observe(measured.ICE_CONNECT, webrtc.ice_connect_s, target)
    instruments.observe(measured.DTLS, webrtc.dtls_s, target)
    instruments.observe(measured.SIGNALLING, webrtc.signalling_s, target)
    instruments.observe(measured.ROUND_TRIP, webrtc.round_trip_time_s, target)
    instruments.observe(measured.JITTER, webrtc.jitter_s, target)
    instruments.observe(measured.JITTER_BUFFER, webrtc.jitter_buffer_delay_s, target)
    instruments.observe(measured.INPUT_LATENCY, webrtc.input_latency_p50_s, target)
    instruments.set(measured.FRAME_RATE, webrtc.frames_per_second, target)
    instruments.set(measured.PACKET_LOSS, webrtc.packet_loss_ratio, target)
    instruments.set(measured.FRAMES_DROPPED, webrtc.frames_dropped_ratio, target)
    instruments.set(measured.FREEZE, webrtc.freeze_ratio, target)
    instruments.set(measured.BITRATE, webrtc.bitrate_bits_per_second, target)
    instruments.set(measured.FRAME_HEIGHT, webrtc.frame_height_pixels, target)
    facts = _path(webrtc)
    if any(facts.values()):
        instruments.describe(measured.PATH, facts, target)
    else:
        instruments.remove(measured.PATH, target)


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
